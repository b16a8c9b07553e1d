"""Minutes in which nothing arrived: `No data arrived on 19 Nov from 18:10 to 18:50; it came later.`"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from viewbox import wording
from viewbox.stories import words
from viewbox.stories.detectors.bots import local
from viewbox.stories.finding import Ask, Candidate, Finding, Look, Rows

LEAST_LATE = 10  # late events within an hour: fewer are one device without a network
TIMES_USUAL = 5.0  # against the mean hour
LEAST_MINUTES = 10
LEAST_VIEWS = 4  # that were playing and all went unheard
BEFORE, AFTER = timedelta(hours=4), timedelta(hours=4)  # views that may have played in the hour; what a gap may last
MINUTE = timedelta(minutes=1)
COUNTS = ("received", "views", "late_views", "first_late_views")


def suspicious_hour(hours: Rows) -> datetime | None:
    """From data_quality by hour: the hour whose views sent most late events, if that is unusual."""
    if not hours:
        return None
    worst = max(hours, key=lambda row: row["late_events"])
    others = (sum(row["late_events"] for row in hours) - worst["late_events"]) / max(1, len(hours) - 1)
    late: int = worst["late_events"]
    return worst["period"] if late >= max(LEAST_LATE, TIMES_USUAL * others) else None


def ask(hour: datetime) -> Ask:
    """What to look at more closely."""
    return Ask("arrivals", since=hour - BEFORE, until=hour + AFTER)


def find(hours: Rows, look: Look, timezone: str) -> tuple[list[Candidate], int]:
    """From data_quality by hour, then arrivals around the worst one. Also how many hours were looked at.

    Chance: that each of the views that were playing in the gap was late by itself, as often as views are outside of it.
    """
    hour = suspicious_hour(hours)
    if hour is None:
        return [], max(1, len(hours))
    minutes = _together(look(ask(hour)))
    gap = max(_gaps(minutes), key=lambda one: (_unheard(minutes, *one), one[1] - one[0]), default=None)
    if gap is None:
        return [], len(hours)
    start, end = gap
    unheard = _unheard(minutes, start, end)
    # Minutes in which nothing happened are quiet, not out: what went unheard first is where it began.
    start = min(
        (row["minute_at"] for row in minutes if row["late_views"] and start <= row["minute_at"] < end), default=start
    )
    outside = [row for row in minutes if not start <= row["minute_at"] < end]
    late = (sum(row["late_views"] for row in outside) + 1) / (sum(row["views"] for row in outside) + 2)
    if unheard < LEAST_VIEWS:
        return [], len(hours)
    chance = late**unheard
    length = round((end - start) / MINUTE)
    first, last = local(start, timezone), local(end, timezone)
    finding = Finding(
        kind="outage", metric="arrivals", effect=float(length), low=float(length - 1), high=float(length + 1),
        n=unheard, chance=chance, day=first.date(),
        sentence=f"No data arrived on {words.day_of(first.date())} from {first:%H:%M} to {last:%H:%M} "
        f"({length}{wording.THIN}min); what happened then came in late.",
        sure=f"({wording.number_of(unheard, 'view was', 'views were')} playing and went unheard)",
    )  # fmt: skip
    return [Candidate(finding, chance)], len(hours)


def _together(rows: Rows) -> list[dict[str, Any]]:
    """The minutes of all videos: a collector knows no videos."""
    minutes: dict[datetime, dict[str, Any]] = {}
    for row in rows:
        minute = minutes.setdefault(row["minute_at"], {"minute_at": row["minute_at"], **dict.fromkeys(COUNTS, 0)})
        for name in COUNTS:
            minute[name] += row[name]
    return [minutes[minute] for minute in sorted(minutes)]


def _gaps(minutes: Rows) -> list[tuple[datetime, datetime]]:
    """[start, end) between arrivals, ten minutes and more; minutes without anything have no row."""
    arrived = [row["minute_at"] for row in minutes if row["received"]]
    return [
        (one + MINUTE, other)
        for one, other in pairwise(arrived)
        if other - one - MINUTE >= LEAST_MINUTES * MINUTE
    ]  # fmt: skip


def _unheard(minutes: Rows, start: datetime, end: datetime) -> int:
    """Views whose first late event happened in the gap."""
    return sum(row["first_late_views"] for row in minutes if start <= row["minute_at"] < end)
