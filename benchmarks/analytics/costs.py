"""What keeping the tables costs: making them all from the events, bringing in a little more, and storing the events."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

from benchmarks.analytics import world
from benchmarks.analytics.dataset import TIMEOUT_S, DataSet, cloned, live_files
from benchmarks.analytics.peers import cores
from benchmarks.process import BenchmarkFailed, run_measured
from viewbox.catalog import Catalog
from viewbox.clock import SYSTEM_CLOCK
from viewbox.database import open_database
from viewbox.engine import Engine, open_engine
from viewbox.maintainer import Maintainer, settle, spooled_to
from viewbox.testing import Audience, SyntheticView, everyday
from viewbox.testing.delivery import through_intake

# The columns of `events` that rules 1–11 of the contract need.
READ_COLUMNS = (
    "seq", "video_id", "revision", "viewer_id", "viewer_kind", "session_id", "source", "browser", "os", "device_type",
    "country", "is_bot", "type", "t_ms", "occurred_at", "position_s", "from_s", "to_s", "wait_ms", "cause", "rate",
    "wall_ms", "visible", "muted", "mode", "height", "bitrate_bps", "dropped_frames", "total_frames", "fatal", "code",
    "context",
)  # fmt: skip
GROUP_BY = """
import sys, time, duckdb
glob, threads, scratch, *columns = sys.argv[1:]
connection = duckdb.connect()
connection.execute(f"SET threads = {threads}")
connection.execute(f"SET temp_directory = '{scratch}'")
highest = ", ".join(f"max({name}) AS {name}" for name in columns)
began = time.perf_counter()
connection.execute(f"CREATE TABLE grouped AS SELECT view_id, {highest} FROM read_parquet('{glob}') GROUP BY view_id")
print(time.perf_counter() - began)
"""
NEW_EVENTS = 10_000
NEW_VIDEOS = 20  # the most watched ones: their tables are the largest
REFRESHES = 3
NEW_DAYS = 0.2


def group_by(dataset: DataSet) -> float:
    """Seconds of DuckDB's `max` of each column that the models read, GROUP BY view_id. Its start is not counted."""
    scratch = dataset.folder / "scratch"
    scratch.mkdir(exist_ok=True)
    command: list[str | Path] = [sys.executable, "-c", GROUP_BY, dataset.raw_glob, str(cores()), scratch, *READ_COLUMNS]
    return float(run_measured(command, folder=dataset.folder, timeout_s=TIMEOUT_S).stdout)


def bytes_per_event(dataset: DataSet) -> float:
    """Of the Parquet files of `events` that the newest version names."""
    return sum(size for _path, size in live_files(dataset.data_dir)) / dataset.events


def refresh_s(dataset: DataSet, seed: int) -> float:
    """Seconds from 10,000 spooled new events until all tables show them, in a warm maintainer; median of REFRESHES.

    Works on a copy, so that the data set stays what it is. Raises BenchmarkFailed when the tables miss an event.
    """
    times: list[float] = []
    with cloned(dataset) as copy, Maintainer(copy.settings) as maintainer:
        settings = copy.settings
        catalog = Catalog(open_database(settings.database))
        with closing(open_engine(settings)) as engine:
            before = _events_of_views(copy)
            crowd = _new_views(engine, seed)
            sent = 0
            for number in range(REFRESHES + 1):
                batch = _batch(crowd)
                refused = through_intake(settings, catalog, batch).refused
                if refused:
                    raise BenchmarkFailed(f"{len(refused)} new events were refused: {refused[0]}")
                sent += sum(len(view.events) for view in batch)
                began = time.perf_counter()
                settle(settings, maintainer, spooled_to(settings))
                if number:  # the first one opens tables and indexes
                    times.append(time.perf_counter() - began)
        missing = before + sent - _events_of_views(copy)
        if missing:
            raise BenchmarkFailed(f"the tables miss {missing} of {sent} new events")
    return statistics.median(times)


def _events_of_views(dataset: DataSet) -> int:
    with closing(open_engine(dataset.settings)) as engine:
        return int(engine.query("SELECT sum(events)::BIGINT AS n FROM views")["n"][0].as_py())


def _batch(crowd: Iterator[SyntheticView]) -> list[SyntheticView]:
    """Whole views of at least NEW_EVENTS events."""
    batch: list[SyntheticView] = []
    events = 0
    for view in crowd:
        batch.append(view)
        events += len(view.events)
        if events >= NEW_EVENTS:
            break
    return batch


def _new_views(engine: Engine, seed: int) -> Iterator[SyntheticView]:
    """Views of the last hours, of the most-watched videos in turn, by viewers who are new."""
    lengths = world.durations(engine)
    watched = engine.query("SELECT video_id FROM views WHERE is_valid GROUP BY ALL ORDER BY count(*) DESC, video_id")
    chosen = [one for one in watched["video_id"].to_pylist() if 0 < lengths.get(one, 0) < world.LEAST_LONG_S]
    audiences = [
        Audience(seed, video_id, lengths[video_id], 0, SYSTEM_CLOCK.now_ms(), NEW_DAYS, everyday(lengths[video_id]))
        for video_id in chosen[:NEW_VIDEOS]
    ]
    return (audience.view(number) for number in count() for audience in audiences)
