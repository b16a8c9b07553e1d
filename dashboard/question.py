"""What a page asks about: a video or all of them, a period, filters. Hashable, so that answers can be kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LAST_7, LAST_28, LAST_90, ALL_TIME, CUSTOM = "Last 7 days", "Last 28 days", "Last 90 days", "All time", "Custom dates"
PERIODS = (LAST_7, LAST_28, LAST_90, ALL_TIME, CUSTOM)
PERIOD_DAYS = {LAST_7: 7, LAST_28: 28, LAST_90: 90}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Views with `since <= started_at < until`; None leaves that end open. `filters` pairs a dimension with values."""

    video_id: str | None = None
    tag: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def days(self, *, today: date) -> tuple[date | None, date]:
        """The first and last day asked about, both inside; without an end the last is today, without a start None."""
        last = today if self.until is None else (self.until - timedelta(microseconds=1)).date()
        return (self.since.date() if self.since else None), last

    def about(self, video_id: str) -> Question:
        """The same question about one video; a tag, which chooses among videos, is of no use then."""
        return replace(self, video_id=video_id, tag=None)


def period_bounds(
    period: str, dates: tuple[date, ...], *, today: date, timezone: str
) -> tuple[datetime | None, datetime | None]:
    """Half-open [since, until) of a named period, at midnights of `timezone`.

    "Last 7 days" are today and the six before, with no end, so that the answer stays the same question all day.
    `dates` are the first and last day of a custom period, both inside; a lone one is that day.
    """
    if period in PERIOD_DAYS:
        return midnight(today - timedelta(days=PERIOD_DAYS[period] - 1), timezone), None
    if period != CUSTOM or not dates:
        return None, None
    first, last = min(dates), max(dates)
    return midnight(first, timezone), midnight(last + timedelta(days=1), timezone)


def midnight(day: date, timezone: str) -> datetime:
    """The aware moment at which a day begins in a time zone."""
    return datetime.combine(day, time(), ZoneInfo(timezone))
