"""Differences in words: only an interval that leaves zero out names one, and only over enough views."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dashboard import cohorts, comparison
from dashboard.question import midnight
from viewbox.metrics import metrics

COMPLETION = metrics()["completion_rate"]


def row(low: float | None, high: float | None, n_b: int = 100, difference: float = 0.08) -> dict[str, object]:
    return {
        "a": 0.4, "b": 0.4 + difference, "difference": difference, "relative": difference / 0.4, "ci_low": low,
        "ci_high": high, "n_a": 100, "n_b": n_b,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (row(0.01, 0.15), "higher"),
        (row(-0.15, -0.01, difference=-0.08), "lower"),
        (row(-0.01, 0.17), "unclear"),
        (row(0.01, 0.15, n_b=9), "too few"),
        (row(None, None), "no interval"),
    ],
)
def test_an_interval_off_zero_over_enough_views_is_a_difference(found, verdict):
    assert comparison.verdict(COMPLETION, found) == verdict


def test_a_difference_of_rates_is_in_points_with_its_interval():
    line = comparison.line(COMPLETION, row(0.01, 0.154))
    assert line.a == "**40.0\u202f%**  \n:gray[n 100]"
    assert line.difference == "**+8.0 points**  \n:gray[+1.0 to +15.4]"
    assert comparison.summary([line]) == "B is higher in Completion rate."


def test_nothing_sure_is_said_to_be_so():
    unclear = comparison.line(COMPLETION, row(-0.01, 0.17))
    few = comparison.line(COMPLETION, row(0.01, 0.15, n_b=9))
    assert comparison.summary([unclear]) == "No clear difference: each interval holds zero."
    assert comparison.summary([few]) == "Too few views to tell a difference."
    assert few.b == "too few views (9)"
    assert few.difference == ""


def test_the_days_before_end_where_the_last_days_begin():
    today = date(2026, 11, 25)
    before = cohorts.bounds("The 7 days before", (), today=today, timezone="UTC")
    last = cohorts.bounds("Last 7 days", (), today=today, timezone="UTC")
    assert before == (midnight(date(2026, 11, 12), "UTC"), midnight(date(2026, 11, 19), "UTC"))
    assert last == (before[1], None)
    assert before[1] - before[0] == timedelta(days=7)
