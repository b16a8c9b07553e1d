"""The figures of the benchmark `analytics`, and a round: each size rolls up, is asked, takes in a little more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.analytics import peers
from benchmarks.analytics.costs import (
    NEW_EVENTS,
    NEW_VIDEOS,
    bytes_per_event,
    group_by,
    refresh_s,
)  # fmt: skip
from benchmarks.analytics.dataset import DAYS, SEED, SIZES, VIDEOS, DataSet, full_run, prepared
from benchmarks.analytics.query_set import OUR_REPEATS, measure
from benchmarks.analytics.questions import World, query_set
from benchmarks.record import Figure, Readings
from benchmarks.report import Tell

TITLE = "a dashboard's questions, and the tables behind them"
DEFAULT_SIZES = ("1M", "10M")
MILLISECONDS_PER_S = 1000
GIBIBYTE = 1024**3
REPEATED_UP_TO = SIZES["10M"]  # beyond, making all tables anew is measured in the first round only


STEPS_BESIDE_QUESTIONS = 4  # audience, tables, their peer, refresh
_DAY = datetime(2026, 1, 1, tzinfo=UTC)
QUESTIONS = len(query_set(World(
    since=_DAY, until=_DAY, zone="UTC", week_since=_DAY, week_until=_DAY, top_video="a", top_duration_s=60,
    long_video="b", long_duration_s=36_000, dimension=("custom.plan", "pro"), browser="Chrome",
)))  # fmt: skip


class Analytics:
    """The benchmark over some sizes. `folder` keeps the data sets for the next run; None: they go with the round's."""

    title = TITLE

    def __init__(self, sizes: Sequence[str] = DEFAULT_SIZES, folder: Path | None = None) -> None:
        self._sizes = sorted(set(sizes), key=SIZES.__getitem__)
        self._folder = folder
        self.details: list[dict[str, Any]] = []

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "sizes": list(self._sizes), "videos": VIDEOS, "days": DAYS, "seed": SEED, "our_repeats": OUR_REPEATS,
            "threads": peers.cores(), "new_events": NEW_EVENTS, "new_videos": NEW_VIDEOS,
        }  # fmt: skip

    @property
    def figures(self) -> list[Figure]:
        found = [figure for size in self._sizes for figure in _figures_of(size)]
        if len(self._sizes) > 1:
            found += [Figure(f"{name}, {self._sizes[-1]} ÷ {self._sizes[0]}", "×") for name in ("p95", "refresh")]
        return found

    @property
    def steps_per_round(self) -> int:
        return len(self._sizes) * (STEPS_BESIDE_QUESTIONS + QUESTIONS)

    def rounds(self, folder: Path, count: int, tell: Tell) -> list[Readings]:
        home = self._folder or folder
        home.mkdir(parents=True, exist_ok=True)
        return [self._round(home, number, count, tell) for number in range(1, count + 1)]

    def _round(self, home: Path, number: int, count: int, tell: Tell) -> Readings:
        readings: dict[str, float] = {}
        for size in self._sizes:
            label = f"round {number} of {count}, {size}"

            def say(text: str, label: str = label) -> None:
                tell(f"{label}: {text}")

            say("the audience")
            dataset = prepared(home, size)
            readings |= self._tables(dataset, say, first=number == 1)
            readings |= self._questions(dataset, number, say)
            say("refresh")
            readings[f"{size}: refresh after {NEW_EVENTS} new events"] = refresh_s(dataset, seed=number)
        least, most = self._sizes[0], self._sizes[-1]
        if least != most:
            for name, figure in (("p95", "query set, p95"), ("refresh", f"refresh after {NEW_EVENTS} new events")):
                readings[f"{name}, {most} ÷ {least}"] = readings[f"{most}: {figure}"] / readings[f"{least}: {figure}"]
        return readings

    def _tables(self, dataset: DataSet, tell: Tell, *, first: bool) -> dict[str, float]:
        """The tables are those of the code that is measured, whatever made them when the data set was kept."""
        size = dataset.size
        if not first and SIZES[size] > REPEATED_UP_TO:
            return {}
        tell("all tables anew")
        ours_s, peak_bytes = full_run(dataset)
        tell("DuckDB's GROUP BY")
        bare_s = group_by(dataset)
        return {
            f"{size}: full model run ÷ DuckDB's GROUP BY view_id": ours_s / bare_s,
            f"{size}: full model run": ours_s,
            f"{size}: full model run, peak memory": peak_bytes / GIBIBYTE,
            f"{size}: table `events`, compacted": bytes_per_event(dataset),
        }

    def _questions(self, dataset: DataSet, number: int, tell: Tell) -> dict[str, float]:
        size = dataset.size
        wanted = peers.names(size)
        measured = measure(dataset, wanted, tell)
        self.details += [{"round": number, "size": size, **one.as_json()} for one in measured.asked]
        readings = {
            f"{size}: query set, total": measured.total_ms("ViewBox") / MILLISECONDS_PER_S,
            f"{size}: query set, p50": measured.percentile_ms(0.5),
            f"{size}: query set, p95": measured.percentile_ms(0.95),
            f"{size}: unique viewers, equal to the count of distinct ids": measured.unique_viewers,
        }
        for peer in wanted:
            readings[f"{size}: {peer} ÷ ViewBox, query set"] = measured.faster(peer)
            readings[f"{size}: {peer} ÷ ViewBox, least of all questions"] = measured.least_faster(peer)
        return readings


def _figures_of(size: str) -> list[Figure]:
    ratios = [
        Figure(f"{size}: {peer} ÷ ViewBox, {what}", "×")
        for peer in peers.names(size)
        for what in ("query set", "least of all questions")
    ]
    return [
        *ratios,
        Figure(f"{size}: query set, total", "s"),
        Figure(f"{size}: query set, p50", "ms"),
        Figure(f"{size}: query set, p95", "ms"),
        Figure(f"{size}: unique viewers, equal to the count of distinct ids", ""),
        Figure(f"{size}: full model run ÷ DuckDB's GROUP BY view_id", "×"),
        Figure(f"{size}: full model run", "s"),
        Figure(f"{size}: full model run, peak memory", "GiB"),
        Figure(f"{size}: table `events`, compacted", "bytes/event"),
        Figure(f"{size}: refresh after {NEW_EVENTS} new events", "s"),
    ]
