"""What is asked of each page that has a chart: deep links, for one period of a data set."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from benchmarks.analytics.dataset import DataSet
from benchmarks.process import run_measured

FACTS = (
    "SELECT (SELECT video_id FROM views GROUP BY video_id ORDER BY count(*) DESC, video_id LIMIT 1) AS video_id,"
    " min(dt)::VARCHAR AS first, max(dt)::VARCHAR AS last FROM views"
)
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class World:
    """What links need to know of a data set: its most viewed video, its first and last day."""

    video_id: str
    first: date
    last: date

    def days(self, shorter_by: int) -> tuple[date, date]:
        """A period that ends with the data and begins `shorter_by` days after their second day."""
        return min(self.first + timedelta(days=1 + shorter_by), self.last), self.last


def world_of(dataset: DataSet) -> World:
    """From the data set's own tables."""
    command = [sys.executable, "-m", "viewbox", "sql", FACTS, "--format", "json"]
    (row,) = json.loads(run_measured(command, environment=dataset.environment()).stdout)
    return World(row["video_id"], date.fromisoformat(row["first"]), date.fromisoformat(row["last"]))


def _period(days: tuple[date, date], side: str = "") -> Pairs:
    return [(f"{side}period", "Custom dates"), *((f"{side}dates", one.isoformat()) for one in days)]


def _compare(world: World, days: tuple[date, date]) -> Pairs:
    middle = days[0] + (days[1] - days[0]) / 2
    before, after = (days[0], middle), (middle + timedelta(days=1), days[1])
    sides = (("a.", before), ("b.", after))
    return [pair for side, own in sides for pair in (("video", world.video_id), *_period(own, side))]


PAGES: Mapping[str, Callable[[World, tuple[date, date]], Pairs]] = {
    "overview": lambda _world, days: _period(days),
    "video": lambda world, days: [("video", world.video_id), *_period(days)],
    "compare": _compare,
    "quality": lambda _world, days: _period(days),
    "metrics": lambda _world, days: [("metric", "views"), ("by", "all"), ("grain", "day"), *_period(days)],
    "report": lambda world, days: [("video", world.video_id), *_period(days)],
}


def path_of(page: str, world: World, shorter_by: int) -> str:
    """The page's deep link for a period: another `shorter_by` is another question."""
    place = "" if page == "overview" else page
    return f"/{place}?{urlencode(PAGES[page](world, world.days(shorter_by)))}"


def names() -> Sequence[str]:
    """Pages that have a chart."""
    return list(PAGES)
