"""The metric `compare`: any metric for two cohorts, their difference, and its interval.

A cohort is a selection of its own, told as a query string. Its values come from the metric's own statement; for the
interval the sample of the metric's header is added up per viewer in each cohort (`parts/difference_*.sql`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qsl

from viewbox.errors import InvalidInput
from viewbox.metrics import compose as composing
from viewbox.metrics.files import Column, Interval, Metric, find_metric
from viewbox.metrics.selection import BoundSql, BoundValue, Selection, parse_selection, selected_views

COMPARE = "compare"
OF_THE_METRIC = "as the metric"  # the unit that stands for the compared metric's
MAX_PAIRS = 100  # filters and parameters of one cohort
EXAMPLE = "metric=completion_rate, a=browser=Firefox, b=browser=Safari"
NO_INTERVAL = "SELECT NULL::DOUBLE AS ci_low, NULL::DOUBLE AS ci_high"
NAMES = ("a", "b")

Compose = Callable[[Metric, Selection], BoundSql]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared: a metric, and the selection of each cohort by its name."""

    metric: Metric
    cohorts: Mapping[str, Selection]


def comparison(compare: Metric, selection: Selection) -> Comparison:
    """Read the question. Raises InvalidInput, and NotFound for a metric that is none."""
    unknown = sorted(set(selection.params) - set(compare.params))
    if unknown:
        hint = f"{', '.join(compare.params)}; parameters of the metric stand in the cohorts, as param.NAME=value"
        raise InvalidInput(f"{compare.name} has no parameter {unknown[0]!r}", code="unknown_param", hint=hint)
    if selection.grain is not None or selection.by != "video":
        raise InvalidInput("compare takes neither grain nor by", hint="cohorts may differ in since and until")
    for name, param in compare.params.items():
        if name not in selection.params:
            raise InvalidInput(f"compare needs the parameter {name}", hint=EXAMPLE)
        param.parse(selection.params[name])
    metric = find_metric(selection.params["metric"])
    if metric.name == COMPARE or metric.unit == "text":
        raise InvalidInput(
            f"{metric.name} is no number that could be compared", hint="`viewbox metrics` lists them all"
        )
    return Comparison(metric, {name: _cohort(metric, selection, name) for name in NAMES})


def compose_comparison(compare: Metric, selection: Selection, compose: Compose) -> BoundSql:
    """The whole statement; `compose` makes those of the cohorts."""
    asked = comparison(compare, selection)
    metric = asked.metric
    values: dict[str, BoundValue] = {}
    ctes = {
        f"cohort_{name}": _prefixed(compose(replace(metric, interval=None), cohort), f"{name}_", values)
        for name, cohort in asked.cohorts.items()
    }
    keys = [column for column in metric.grain if column != "video_id"]
    ctes["cohorts"] = _side_by_side(metric.name, keys)
    interval = metric.interval
    if interval is None:
        ctes["difference_interval"] = NO_INTERVAL
    else:
        sampled = {
            name: _prefixed(compose(_viewers(metric, interval), replace(cohort, by="video")), f"{name}_v_", values)
            for name, cohort in asked.cohorts.items()
        }
        ctes["cohort_viewers"] = "\nUNION ALL\n".join(_of_cohort(name, sql) for name, sql in sampled.items())
        parts = composing.parts()
        needed = {"bootstrap": ("difference_units",), "wilson": ("cohort_rates",)}[interval.kind]
        ctes |= {part: parts[part] for part in needed}
        ctes["difference_interval"] = parts[f"difference_{interval.kind}"]
    sql = "WITH\n" + ",\n".join(f"{name} AS (\n{_indented(body)}\n)" for name, body in ctes.items())
    sql += f"\n{compare.body}" + (f"\nORDER BY {', '.join(keys)}" if keys else "")
    return BoundSql(sql, values)


def compose_quality(compare: Metric, selection: Selection) -> BoundSql:
    """One row of counts about the views of both cohorts, each view once."""
    cohorts = list(comparison(compare, selection).cohorts.values())
    values: dict[str, BoundValue] = {}
    chosen = [
        _prefixed(selected_views(cohort), f"{name}_", values) for name, cohort in zip(NAMES, cohorts, strict=True)
    ]
    values["since"] = _outermost([cohort.since for cohort in cohorts], min)
    values["until"] = _outermost([cohort.until for cohort in cohorts], max)
    sql = (  # our own statements; values are bound
        f"WITH cohort_a AS (\n{chosen[0]}\n),\ncohort_b AS (\n{chosen[1]}\n),\nselected_views AS (\n"  # noqa: S608
        "    SELECT * FROM cohort_a\n    UNION ALL\n"
        "    SELECT * FROM cohort_b WHERE view_id NOT IN (SELECT view_id FROM cohort_a)\n)\n"
        f"{composing.parts()['quality']}"
    )
    return BoundSql(sql, values)


def described(compare: Metric, selection: Selection) -> Metric:
    """`compare` as this question's answer shows it: in the compared metric's unit, with its columns that name a row."""
    metric = comparison(compare, selection).metric
    own = [
        Column(column.name, metric.unit if column.unit == OF_THE_METRIC else column.unit, column.meaning)
        for column in compare.columns
    ]
    keys = [column for column in metric.columns if column.name in metric.grain]
    return replace(compare, unit=metric.unit, columns=(*keys, *own))


def _cohort(metric: Metric, selection: Selection, name: str) -> Selection:
    """The cohort's own selection; what it leaves open, the whole question says."""
    text = selection.params[name]
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), max_num_fields=MAX_PAIRS)
    except ValueError as error:
        raise InvalidInput(f"cohort {name} is no query string: {error}", hint=EXAMPLE) from error
    own = parse_selection(pairs, selection.timezone)
    if own.grain is not None or own.by != "video":
        raise InvalidInput(f"cohort {name} takes neither grain nor by", hint="filters, video_id, tag, since, until")
    cohort = replace(
        own,
        video_id=own.video_id or selection.video_id,
        tag=own.tag or selection.tag,
        since=own.since or selection.since,
        until=own.until or selection.until,
        filters={**selection.filters, **own.filters},
        by="all" if metric.is_scalar else "video",
    )
    if not metric.is_scalar and cohort.video_id is None:
        raise InvalidInput(
            f"{metric.name} is by video: cohort {name} names none", hint="add video_id=… to the cohort or the question"
        )
    revisions = cohort.filters.get("revision", ())
    if "revision" in metric.params and "revision" not in cohort.params and len(revisions) == 1:
        # A curve shows one revision: that of the cohort, not the newest.
        cohort = replace(cohort, params={**cohort.params, "revision": revisions[0]})
    return cohort


def _viewers(metric: Metric, interval: Interval) -> Metric:
    """The sample of the metric's interval, added up per viewer."""
    body = (  # its text comes from the metric's file
        "SELECT video_id, period, viewer_id, sum(numerator) AS numerator, sum(denominator) AS denominator\n"  # noqa: S608
        f"FROM (\n    SELECT video_id, period, viewer_id, ({interval.numerator})::DOUBLE AS numerator,"
        f" ({interval.denominator})::DOUBLE AS denominator\n    FROM {interval.population}\n)\n"
        "WHERE numerator IS NOT NULL AND denominator IS NOT NULL\nGROUP BY video_id, period, viewer_id"
    )
    return replace(metric, name="viewers", interval=None, grain=("viewer_id",), body=body)


def _of_cohort(name: str, sql: str) -> str:
    return (
        f"SELECT '{name}' AS cohort, viewer_id, sum(numerator) AS numerator, sum(denominator) AS denominator\n"
        f"FROM (\n{sql}\n)\nGROUP BY viewer_id"
    )


def _side_by_side(value: str, keys: list[str]) -> str:
    """Both cohorts' rows; those that only one has stand alone."""
    named = "".join(f"{key}, " for key in keys)
    left, right = (
        f"(SELECT {named}{value} AS {name}, n AS n_{name} FROM cohort_{name}) AS of_{name}"  # noqa: S608  # the file's
        for name in NAMES
    )
    joined = f"USING ({', '.join(keys)})" if keys else "ON TRUE"
    return f"SELECT {named}a, b, n_a, n_b\nFROM {left}\nFULL JOIN {right} {joined}"


def _prefixed(statement: BoundSql, prefix: str, values: dict[str, BoundValue]) -> str:
    """The statement's text with its parameters renamed, so that two cohorts never share one; notes their values."""
    values |= {f"{prefix}{name}": value for name, value in statement.values.items()}
    return composing.TOKEN.sub(lambda match: f"${prefix}{match[1]}" if match[1] else match[0], statement.sql)


def _outermost(moments: list[datetime | None], pick: Callable[[list[datetime]], datetime]) -> datetime | None:
    known = [moment for moment in moments if moment is not None]
    return pick(known) if len(known) == len(moments) else None


def _indented(sql: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in sql.splitlines())
