"""Puts a metric's query behind its selection: populations as CTEs in front, the interval and empty value after.

The result is one plain SELECT that runs as it stands in `viewbox sql`, once `literal_sql` has put the values in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files

from viewbox.errors import InvalidInput
from viewbox.metrics.files import Interval, Metric
from viewbox.metrics.selection import BoundSql, BoundValue, Selection, selected_days, selected_views

# Comments, strings and quoted names are passed over; what is left may be a parameter or a table's name.
TOKEN = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$([a-z_][a-z0-9_]*)|([a-z_][a-z0-9_]*)", re.DOTALL
)


@cache
def parts() -> Mapping[str, str]:
    """The shared CTEs by name: populations, slices, intervals. One `.sql` file each, comments kept."""
    folder = files("viewbox") / "sql" / "parts"
    return {
        entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8").strip()
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    }


def compose(metric: Metric, selection: Selection) -> BoundSql:
    """The whole statement and exactly the parameters that it uses. Raises InvalidInput for what cannot be asked."""
    if not metric.is_scalar and selection.by != "video":
        raise InvalidInput(f"{metric.name} is by video only", hint="leave `by` out")
    chosen = selected_views(selection)
    values: dict[str, BoundValue] = {
        "since": None,
        "until": None,
        "video_id": None,
        "timezone": selection.timezone,
        **_param_values(metric, selection),
        **chosen.values,
    }
    ctes = {"selected_views": chosen.sql}
    interval = metric.interval if selection.intervals else None
    sample = _sample_sql(interval) if interval else ""
    shared = _parts_for(selection)
    for name in _needed_parts(f"{sample}\n{metric.body}", shared):
        ctes[name] = shared[name]
    if interval is not None:
        ctes["sample"] = sample
        for name in _needed_parts(f"FROM clusters JOIN confidence_{interval.kind}", parts()):
            ctes["confidence" if name.startswith("confidence_") else name] = parts()[name]
    ctes["metric"] = metric.body
    sql = "WITH\n" + ",\n".join(f"{name} AS (\n{_indented(body)}\n)" for name, body in ctes.items())
    sql += "\n" + _final_select(metric, selection)
    used = set(parameters_in(sql))
    return BoundSql(sql, {name: value for name, value in values.items() if name in used})


def answered_by(sql: str) -> str:
    """The table that a metric's rows were read from: the finest that its statement names."""
    named = {match[2] for match in TOKEN.finditer(sql) if match[2]}
    sources = {"events": "events", "intervals": "intervals", "counted_seconds": "seconds"}
    return next((table for name, table in sources.items() if name in named), "views")


def compose_quality(selection: Selection) -> BoundSql:
    """One row of counts about the selected views: `parts/quality.sql`, or from `days` where these hold them."""
    if selection.is_unfiltered_days:
        chosen, name, part = selected_days(selection), "selected_days", "quality_of_days"
    else:
        chosen, name, part = selected_views(selection), "selected_views", "quality"
    sql = f"WITH {name} AS (\n    {chosen.sql}\n)\n{parts()[part]}"
    return BoundSql(sql, {"since": None, "until": None, **chosen.values})


def parameters_in(sql: str) -> Iterator[str]:
    """Names of the `$parameters` of a statement, strings and comments passed over."""
    return (match[1] for match in TOKEN.finditer(sql) if match[1])


def literal_sql(statement: BoundSql) -> str:
    """The statement with its values written out, for people to copy."""
    return TOKEN.sub(
        lambda match: _literal(statement.values[match[1]]) if match[1] else match[0], statement.sql
    )  # fmt: skip


def _param_values(metric: Metric, selection: Selection) -> dict[str, BoundValue]:
    unknown = sorted(set(selection.params) - set(metric.params))
    if unknown:
        known = ", ".join(metric.params) or "it has none"
        raise InvalidInput(f"{metric.name} has no parameter {unknown[0]!r}", code="unknown_param", hint=known)
    return {
        name: param.parse(selection.params[name]) if name in selection.params else param.default
        for name, param in metric.params.items()
    }


def _sample_sql(interval: Interval) -> str:
    return (
        f"SELECT video_id, period, viewer_key, ({interval.numerator})::DOUBLE AS numerator,"
        f" ({interval.denominator})::DOUBLE AS denominator\nFROM {interval.population}"
    )


def _parts_for(selection: Selection) -> Mapping[str, str]:
    """The shared CTEs; slices come from the table `seconds` where that can answer, else from the intervals."""
    if not selection.is_whole_days:
        return parts()
    return {**parts(), **{name: parts()[f"{name}_of_days"] for name in ("slice_plays", "slice_skips", "slice_speeds")}}


def _needed_parts(sql: str, shared: Mapping[str, str]) -> list[str]:
    """Parts that `sql` names, directly or through other parts, each after those it stands on."""
    ordered: list[str] = []
    seen: set[str] = set()

    def visit(text: str) -> None:
        for match in TOKEN.finditer(text):
            name = match[2]
            if name in shared and name not in seen:
                seen.add(name)
                visit(shared[name])
                ordered.append(name)

    visit(sql)
    return ordered


def _final_select(metric: Metric, selection: Selection) -> str:
    """Labels, then the metric's columns, then its interval; one row also for an asked-for thing without views."""
    one_group = selection.by == "all" or (selection.by == "video" and selection.video_id is not None)
    fills_empty = metric.is_scalar and selection.grain is None and one_group
    source, label, replaced = "metric", "metric.video_id", ""
    if fills_empty:
        asked = "$video_id" if selection.by == "video" else "''"
        source = f"(SELECT {asked} AS video_id) AS asked\nLEFT JOIN metric USING (video_id)"
        label = "asked.video_id"
        empty = f"coalesce(metric.{metric.name}, {metric.empty_sql}) AS {metric.name}, " if metric.empty_sql else ""
        replaced = f" REPLACE ({empty}coalesce(metric.n, 0) AS n)"
    columns = [f"metric.* EXCLUDE (video_id, period){replaced}"]
    if selection.grain is not None:
        columns.insert(0, "metric.period")
    if selection.by == "video":
        columns.insert(0, label)
    elif selection.by != "all":
        columns.insert(0, f"nullif({label}, '') AS {_column_name(selection.by)}")
    if metric.interval is not None and selection.intervals:
        columns.append("confidence.ci_low, confidence.ci_high")
        source += (
            "\nLEFT JOIN confidence\n"
            "  ON confidence.video_id = metric.video_id AND confidence.period IS NOT DISTINCT FROM metric.period"
        )
    order = ", ".join([label, "metric.period", *(f"metric.{name}" for name in metric.grain if name != "video_id")])
    return f"SELECT {', '.join(columns)}\nFROM {source}\nORDER BY {order}"


def _column_name(dimension: str) -> str:
    return '"' + dimension.replace('"', '""') + '"'


def _indented(sql: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in sql.splitlines())


def _literal(value: BoundValue) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        return f"TIMESTAMPTZ '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)
