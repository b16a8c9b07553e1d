"""Periods: half-open, at midnights of the reader's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime

from dashboard.player_component import Selection, parse_selection
from dashboard.question import ALL_TIME, CUSTOM, LAST_7, Question, period_bounds

TODAY = date(2026, 11, 23)


def bounds(period: str, *dates: date, timezone: str = "UTC") -> tuple[datetime | None, datetime | None]:
    return period_bounds(period, dates, today=TODAY, timezone=timezone)


def test_last_seven_days_include_today():
    assert bounds(LAST_7) == (datetime(2026, 11, 17, tzinfo=UTC), None)


def test_all_time_has_no_ends():
    assert bounds(ALL_TIME) == (None, None)


def test_custom_days_are_both_inside():
    assert bounds(CUSTOM, date(2026, 11, 1), date(2026, 11, 2)) == (
        datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC),
    )  # fmt: skip


def test_one_day_is_that_day():
    since, until = bounds(CUSTOM, date(2026, 11, 1))
    assert since
    assert until
    assert (until - since).days == 1


def test_days_begin_at_midnight_of_the_time_zone():
    since, _ = bounds(LAST_7, timezone="Europe/Berlin")
    assert since
    assert since.astimezone(UTC) == datetime(2026, 11, 16, 23, tzinfo=UTC)


def test_a_tag_chooses_among_videos_and_is_dropped_for_one():
    assert Question(tag="demo").about("v") == Question(video_id="v")


def test_a_selection_is_taken_only_when_it_is_a_stretch():
    assert parse_selection({"from_s": 1, "to_s": 2.5}) == Selection(1.0, 2.5)
    for wrong in (None, "x", {}, {"from_s": 3, "to_s": 2}, {"from_s": -1, "to_s": 2}, {"from_s": "1", "to_s": 2}):
        assert parse_selection(wrong) is None
