"""Which days a trend compares, and what it dares to say."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard import trends
from dashboard.live import most_watched
from dashboard.question import Question, midnight
from viewbox.metrics import metrics

TODAY = date(2026, 11, 25)
BERLIN = "Europe/Berlin"


def question(since: date | None, until: date | None = None) -> Question:
    return Question(
        since=midnight(since, BERLIN) if since else None, until=midnight(until, BERLIN) if until else None, tag="x"
    )


def periods(since: date | None, until: date | None = None) -> trends.Periods | None:
    return trends.periods(question(since, until), today=TODAY, timezone=BERLIN)


def test_today_is_left_out_and_as_many_days_before_are_taken():
    found = periods(date(2026, 11, 19))
    assert found is not None
    assert found.before == question(date(2026, 11, 13), date(2026, 11, 19))
    assert found.now == question(date(2026, 11, 19), TODAY)
    assert found.words == "19 Nov – 24 Nov against the 6 days before"


def test_a_period_that_is_over_is_taken_whole():
    found = periods(date(2026, 11, 1), date(2026, 11, 4))
    assert found is not None
    assert (found.days, found.now) == (3, question(date(2026, 11, 1), date(2026, 11, 4)))


def test_days_are_those_of_the_clock_where_it_is_set_back():
    """Berlin's 25 October had 25 hours."""
    found = periods(date(2026, 10, 25), date(2026, 10, 26))
    assert found is not None
    assert found.before == question(date(2026, 10, 24), date(2026, 10, 25))


@pytest.mark.parametrize(("since", "until"), [(None, None), (TODAY, None), (None, TODAY)])
def test_without_a_beginning_or_a_whole_day_there_is_no_trend(since, until):
    assert periods(since, until) is None


def row(difference: float, low: float | None, high: float | None, n_a: int = 100, n_b: int = 100) -> dict[str, object]:
    return {
        "a": 0.4, "b": 0.4 + difference, "difference": difference, "relative": difference / 0.4, "ci_low": low,
        "ci_high": high, "n_a": n_a, "n_b": n_b,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "found", "said"),
    [
        ("completion_rate", row(0.08, 0.03, 0.13), ":green[▲ +8.0 points] :gray[(+3.0 to +13.0)]"),
        ("rebuffer_ratio", row(0.08, 0.03, 0.13), ":red[▲ +8.0 points] :gray[(+3.0 to +13.0)]"),
        ("rebuffer_ratio", row(-0.08, -0.13, -0.03), ":green[▼ −8.0 points] :gray[(−13.0 to −3.0)]"),
        ("completion_rate", row(0.08, -0.03, 0.19), ":gray[no clear change (−3.0 to +19.0)]"),
        ("completion_rate", row(0.08, 0.03, 0.13, n_a=9), ":gray[too few views (9) to tell a change]"),
        ("completion_rate", row(0.08, 0.03, 0.13, n_a=0), ":gray[no views before]"),
        ("rebuffer_ratio", row(0.0, 0.0, 0.0), ":gray[unchanged]"),
        ("views", row(0.1, None, None), ":green[▲ +25\u202f%]"),
        ("views", row(0.0004, None, None), ":gray[unchanged]"),
        ("views", row(0.1, None, None, n_a=9), ":gray[too few views (9) to tell a change]"),
        ("views", row(-0.2, None, None, n_b=9), ":red[▼ −50\u202f%]"),
    ],
)
def test_only_an_interval_off_zero_has_a_direction(metric, found, said):
    assert trends.words(metrics()[metric], found, trends.BETTER[metric]) == said


def test_watchers_are_told_by_the_leading_video():
    assert most_watched({}, {}) == "nobody just now"
    assert most_watched({"a": 3}, {"a": "Tour"}) == "“Tour”"
    assert most_watched({"a": 3, "b": 1, "c": 1}, {"a": "Tour"}) == "“Tour”: 3, and 2 more videos"
