"""A variant that does better or worse: `Variant b of “intro” completes 8 points more than a: 46 %, 38 %.`"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from viewbox import wording
from viewbox.stories import words
from viewbox.stories.chance import Rate, difference, effective, of_interval
from viewbox.stories.finding import Ask, Candidate, Finding, Look, Row, Rows

LEAST_VIEWS = 30  # viewers of either variant: none below is named
CONTROLS = ("control", "a", "off", "0", "false", "original", "baseline")
METRIC = "completion_rate"


def find(by_key: Mapping[str, Rows]) -> tuple[list[Candidate], int]:
    """From completion_rate by each `experiment.KEY`. Also how many variants were compared with their control."""
    found, looked = [], 0
    for dimension, rows in by_key.items():
        large = [
            (row, rate)
            for row in rows
            if row[dimension] and row["n"] and (rate := _rate(row)).n >= LEAST_VIEWS
        ]  # fmt: skip
        if len(large) < 2:
            continue
        control = _control(dimension, large)
        for row, rate in large:
            if row is not control[0]:
                looked += 1
                found.append(_candidate(dimension, row, rate, control))
    return found, max(1, looked)


def confirmed(finding: Finding, look: Look) -> Finding | None:
    """The same with the interval of `compare`, a viewer of both variants in both at once; None if it has zero."""
    dimension, (variant, control) = finding.filters[0]
    cohorts = (("a", urlencode({dimension: control})), ("b", urlencode({dimension: variant})))
    row = next(iter(look(Ask("compare", params=(("metric", METRIC), *cohorts)))), None)
    if row is None or row["ci_low"] is None or row["ci_low"] <= 0 <= row["ci_high"]:
        return None
    return replace(
        finding, low=row["ci_low"], high=row["ci_high"], sure=_sure(row["ci_low"], row["ci_high"], finding.n)
    )


def _rate(row: Row) -> Rate:
    if row["ci_low"] is None:
        return Rate(0, 0)
    return effective(row[METRIC], row["n"], row["ci_low"], row["ci_high"])


def _control(dimension: str, large: list[tuple[Row, Rate]]) -> tuple[Row, Rate]:
    """The variant with a control's name, or else the one with most views."""
    for name in CONTROLS:
        for one in large:
            if str(one[0][dimension]).lower() == name:
                return one
    return max(large, key=lambda one: one[0]["n"])


def _candidate(dimension: str, row: Row, rate: Rate, control: tuple[Row, Rate]) -> Candidate:
    low, high = difference(rate, control[1])
    apart = rate.value - control[1].value
    chance = of_interval(apart, low if apart > 0 else high)
    variant, base = str(row[dimension]), str(control[0][dimension])
    many = words.points(abs(apart)).removeprefix("+")
    n = row["n"] + control[0]["n"]
    key = words.plain(dimension.partition(".")[2])
    finding = Finding(
        kind="experiment", metric=METRIC, effect=apart, low=low, high=high, n=n, chance=chance,
        filters=((dimension, (variant, base)),),
        sentence=f"Variant {words.plain(variant)} of “{key}” completes {many} points "
        f"{'more' if apart > 0 else 'less'} than {words.plain(base)}: {wording.percent(rate.value)}, "
        f"{wording.percent(control[1].value)}.",
        sure=_sure(low, high, n),
    )  # fmt: skip
    return Candidate(finding, chance)


def _sure(low: float, high: float, n: int) -> str:
    ends = f"{words.points(low)} to {words.points(high)} points"
    return f"(95{wording.THIN}%: {ends}, {wording.number_of(n, 'view')})"
