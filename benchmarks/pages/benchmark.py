"""The figures of the benchmark `pages`, and a round: every page's first chart, in turn with the empty page's."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.analytics.dataset import DAYS, SEED, SIZES, VIDEOS, DataSet, prepared, with_fresh_tables
from benchmarks.pages.first_chart import first_chart_ms, visitor
from benchmarks.pages.questions import World, names, path_of, world_of
from benchmarks.player.browser import chromium
from benchmarks.process import free_port, serving_at
from benchmarks.record import Figure, Readings
from benchmarks.report import Tell

TITLE = "first chart of each dashboard page, beside an empty Streamlit page with one Plotly chart"
DEFAULT_SIZES = ("1M",)
VISITS = 3  # of every page in every round, in turn
NEW, AGAIN = "a new question", "asked before"
EMPTY = "first chart, empty page"
PERIODS = 20  # a data set has 30 days, and a period keeps some of them


class Pages:
    """The benchmark over some sizes. `folder` keeps the data sets for the next run; None: they go with the round's."""

    title = TITLE

    def __init__(self, sizes: Sequence[str] = DEFAULT_SIZES, folder: Path | None = None) -> None:
        self._sizes = sorted(set(sizes), key=SIZES.__getitem__)
        self._folder = folder

    @property
    def parameters(self) -> dict[str, Any]:
        return {"sizes": self._sizes, "videos": VIDEOS, "days": DAYS, "seed": SEED, "visits_per_round": VISITS}

    @property
    def figures(self) -> list[Figure]:
        ratios = [
            Figure(_name(size, page, how), "×") for size in self._sizes for how in (NEW, AGAIN) for page in names()
        ]
        return [*ratios, Figure(EMPTY, "ms")]

    @property
    def steps_per_round(self) -> int:
        return len(self._sizes)

    def rounds(self, folder: Path, count: int, tell: Tell) -> list[Readings]:
        home = self._folder or folder
        home.mkdir(parents=True, exist_ok=True)
        found: list[dict[str, float]] = [{} for _ in range(count)]
        for size in self._sizes:
            tell(f"{size}: the audience and its tables")
            dataset = with_fresh_tables(prepared(home, size))
            with _house(dataset, folder) as (dashboard, empty):
                for number, readings in enumerate(found):
                    tell(f"round {number + 1} of {count}, {size}")
                    readings.update(_round(size, world_of(dataset), number, dashboard, empty))
        return list(found)


def _name(size: str, page: str, how: str) -> str:
    return f"{size}: first chart of {page}, {how} ÷ empty page"


@contextmanager
def _house(dataset: DataSet, folder: Path) -> Iterator[tuple[str, str]]:
    """The dashboard over a data set, the site for its player, and the empty page; URLs of the first and the last."""
    site, dashboard, empty = free_port(), free_port(), free_port()
    environment = {
        **dataset.environment(), "VIEWBOX_PORT": str(site), "VIEWBOX_DASHBOARD_PORT": str(dashboard),
        "VIEWBOX_SAMPLE": "0",
    }  # fmt: skip
    python = [sys.executable, "-m"]
    with (
        serving_at(f"http://127.0.0.1:{site}/healthz", [*python, "viewbox", "serve"], environment, folder / "site.log"),
        serving_at(
            f"http://127.0.0.1:{dashboard}/_stcore/health", [*python, "viewbox", "dashboard"], environment,
            folder / "dashboard.log",
        ),
        serving_at(
            f"http://127.0.0.1:{empty}/_stcore/health", [*python, "benchmarks.pages.empty_server"],
            {**environment, "VIEWBOX_DASHBOARD_PORT": str(empty)}, folder / "empty.log",
        ),
    ):  # fmt: skip
        yield f"http://127.0.0.1:{dashboard}", f"http://127.0.0.1:{empty}"


def _round(size: str, world: World, number: int, dashboard: str, empty: str) -> dict[str, float]:
    """Each page with a question that this server never heard, then the same again; the empty page before each pair."""
    empties: list[float] = []
    asked: dict[tuple[str, str], list[float]] = {}
    with chromium() as browser, visitor(browser) as context:
        for page in names():  # scripts into the browser's cache, Python's modules into the servers
            first_chart_ms(context, empty)
            first_chart_ms(context, dashboard + path_of(page, world, PERIODS))
        for turn in range(VISITS):
            for page in names():
                path = path_of(page, world, (number * VISITS + turn) % PERIODS)
                empties.append(first_chart_ms(context, empty))
                for how in (NEW, AGAIN):
                    asked.setdefault((page, how), []).append(first_chart_ms(context, dashboard + path))
    bare_ms = statistics.median(empties)
    ratios = {_name(size, page, how): statistics.median(seen) / bare_ms for (page, how), seen in asked.items()}
    return {**ratios, EMPTY: bare_ms}
