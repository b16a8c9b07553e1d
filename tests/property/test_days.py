"""Days and hours of VIEWBOX_TIMEZONE: what DuckDB's calendar says against what Python's zoneinfo says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.question import Question, midnight
from viewbox.metrics import GRAINS, Selection, parse_moment
from viewbox.metrics.selection import selected_views

# Beyond 2030 the two calendars foretell some clocks differently (Morocco's follow the moon).
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2030, 12, 31, tzinfo=UTC)
# Names that a setting may hold; the calendars know them all.
ZONES = sorted(name for name in available_timezones() if name not in {"localtime", "Factory"})
TRICKY = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo",
    "America/Havana", "America/Asuncion", "America/St_Johns", "Pacific/Chatham", "Africa/Casablanca",
    "America/Sao_Paulo", "Asia/Beirut", "Asia/Gaza", "Pacific/Kiritimati", "Antarctica/Troll",
)  # fmt: skip
zones = st.sampled_from(TRICKY) | st.sampled_from(ZONES)
seconds = st.integers(0, int((LAST - FIRST).total_seconds()))
instants = st.lists(seconds.map(lambda number: FIRST + timedelta(seconds=number)), min_size=1, max_size=20)


@pytest.fixture(scope="module")
def calendar() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def periods(calendar: duckdb.DuckDBPyConnection, grain: str, zone: str, moments: list[datetime]) -> list[date]:
    """The period of a view that began at each moment, as every metric computes it."""
    statement = selected_views(Selection(grain=grain, timezone=zone))
    one = {"video_id": "v", "source": "player", "is_valid": True}
    calendar.register("counted_views", pa.Table.from_pylist([one | {"started_at": moment} for moment in moments]))
    rows = calendar.sql(statement.sql, params=dict(statement.values)).to_arrow_table().to_pylist()
    found = {row["started_at"]: row["period"] for row in rows}
    return [found[moment] for moment in moments]


def expected(grain: str, zone: str, moment: datetime) -> date:
    local = moment.astimezone(ZoneInfo(zone))
    match grain:
        case "hour":
            return moment - timedelta(minutes=local.minute, seconds=local.second)
        case "day":
            return local.date()
        case "week":
            return local.date() - timedelta(days=local.weekday())
        case _:
            return local.date().replace(day=1)


@settings(max_examples=300, deadline=None)
@given(zone=zones, grain=st.sampled_from(GRAINS), moments=instants)
def test_a_period_is_what_the_zones_own_clock_says(calendar, zone, grain, moments):
    moments = list(dict.fromkeys(moments))
    assert periods(calendar, grain, zone, moments) == [expected(grain, zone, moment) for moment in moments]


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),  # 02:00 → 03:00
        ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),  # 03:00 → 02:00
        ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),  # 02:00 → 01:30: half an hour
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),  # 02:00 → 02:30
        ("Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC)),  # 00:00 → 01:00: the day begins at one
        ("America/Havana", datetime(2026, 11, 1, 5, tzinfo=UTC)),  # 01:00 → 00:00: the day's first hour comes twice
        ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # a day that never was
        ("Asia/Kathmandu", datetime(2026, 1, 1, 18, 15, tzinfo=UTC)),  # midnight at +05:45
    ],
)
def test_periods_around_a_change_of_the_clocks(calendar, zone, change, grain):
    """Every ten minutes of the two days around it."""
    moments = [change + timedelta(minutes=10 * step) for step in range(-144, 145)]
    assert periods(calendar, grain, zone, moments) == [expected(grain, zone, moment) for moment in moments]


@settings(max_examples=500, deadline=None)
@given(zone=zones, day=st.dates(FIRST.date(), LAST.date()))
@example(zone="Africa/Cairo", day=date(2026, 4, 24))
@example(zone="America/Havana", day=date(2026, 11, 1))
@example(zone="Pacific/Apia", day=date(2011, 12, 30))
@example(zone="Pacific/Apia", day=date(2011, 12, 31))
@example(zone="Asia/Kathmandu", day=date(2026, 1, 1))
@example(zone="Australia/Lord_Howe", day=date(2026, 4, 5))
def test_a_date_begins_with_the_first_moment_of_that_day(zone, day):
    """`since` keeps the day's first moment and `until` leaves it out; the dashboard's days begin there too."""
    begins = parse_moment(day.isoformat(), zone).astimezone(UTC)
    clock = ZoneInfo(zone)
    assert begins.astimezone(clock).date() >= day
    assert (begins - timedelta(microseconds=1)).astimezone(clock).date() < day
    assert midnight(day, zone).astimezone(UTC) == begins


@settings(max_examples=200, deadline=None)
@given(zone=zones, moment=instants.map(lambda moments: moments[0]))
def test_a_day_asked_for_holds_the_views_of_that_day(calendar, zone, moment):
    """since=day&until=day+1 keeps exactly the views whose grain=day period it is."""
    day = moment.astimezone(ZoneInfo(zone)).date()
    since, until = (parse_moment(one.isoformat(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    ends = [at + timedelta(microseconds=step) for at in (since, until) for step in (-1, 0)]
    around = list(dict.fromkeys([moment, *ends]))
    found = periods(calendar, "day", zone, around)
    assert {one for one, period in zip(around, found, strict=True) if period == day} == {
        one for one in around if since <= one < until
    }


def test_a_question_names_its_first_and_last_day_of_the_zone():
    first, past = (midnight(day, "Europe/Berlin") for day in (date(2026, 3, 29), date(2026, 4, 1)))
    question = Question(since=first, until=past)
    assert question.days(today=date(2026, 5, 1)) == (date(2026, 3, 29), date(2026, 3, 31))
    assert past.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=71)  # an hour was left out
