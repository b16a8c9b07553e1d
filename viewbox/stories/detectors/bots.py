"""A day of robots: `812 robot views on 14 Nov, 3 on other days; no number counts them.`"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from viewbox import wording
from viewbox.stories import words
from viewbox.stories.chance import Z95, poisson_tail
from viewbox.stories.finding import Candidate, Finding, Rows

LEAST_BOTS = 20
TIMES_USUAL = 5.0  # against the mean of other days
LEAST_SHARE = 0.05  # of all views of the day


def find(hours: Rows, timezone: str) -> tuple[list[Candidate], int]:
    """From data_quality by hour. Also how many days were looked at."""
    bots: dict[date, int] = defaultdict(int)
    views: dict[date, int] = defaultdict(int)
    for row in hours:
        day = local(row["period"], timezone).date()
        bots[day] += row["bots"]
        views[day] += row["n"]
    total = sum(bots.values())
    found = []
    for day, count in bots.items():
        usual = (total - count) / max(1, len(bots) - 1)
        if count >= max(LEAST_BOTS, TIMES_USUAL * usual, LEAST_SHARE * views[day]):
            found.append(_candidate(day, count, usual, views[day]))
    return found, max(1, len(bots))


def local(moment: datetime, timezone: str) -> datetime:
    """An hour's beginning in the installation's time zone."""
    return moment.astimezone(ZoneInfo(timezone))


def _candidate(day: date, count: int, usual: float, views: int) -> Candidate:
    chance = poisson_tail(count, TIMES_USUAL * (usual + 1))
    reach = Z95 * count**0.5
    finding = Finding(
        kind="bots", metric="data_quality", effect=float(count), low=max(0.0, count - reach), high=count + reach,
        n=views, chance=chance, day=day,
        sentence=f"{wording.number_of(count, 'robot view')} on {words.day_of(day)}, "
        f"{wording.count(usual)} on an ordinary day.",
        sure=f"Robots are left out of every number ({wording.number_of(views, 'view')} that day, robots included).",
    )  # fmt: skip
    return Candidate(finding, chance)
