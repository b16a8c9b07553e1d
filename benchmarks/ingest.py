"""Events per second of `viewbox ingest`, against DuckDB reading the same file into Parquet.

Ours does more, and the ratio is what that costs: every event is validated, made durable in the spool, looked up for
duplicates, committed to the lake and rolled up into the tables that metrics read. DuckDB parses, flattens and writes.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from benchmarks.process import BenchmarkFailed, Usage, run_measured, size_of
from benchmarks.record import Figure, Readings
from benchmarks.report import Tell
from viewbox.clock import SYSTEM_CLOCK
from viewbox.testing import Audience, everyday

TITLE = "a file of events into the tables"
EVENTS = 200_000
VIDEO_S = 600.0
DAYS = 28.0
SEED = 20_261_123
STEPS = 2
MEBIBYTE = 1024**2
PARAMETERS = {"events": EVENTS, "video_s": VIDEO_S, "days": DAYS, "seed": SEED}
FIGURES = (
    Figure("ViewBox ÷ DuckDB, events/s", "×"),
    Figure("ViewBox ÷ DuckDB, CPU per event", "×"),
    Figure("ViewBox", "events/s"),
    Figure("DuckDB read_json → Parquet", "events/s"),
    Figure("ViewBox, peak memory", "MiB"),
    Figure("DuckDB, peak memory", "MiB"),
    Figure("ViewBox, table `events`", "bytes/event"),
    Figure("ViewBox, whole lake", "bytes/event"),
    Figure("DuckDB, Parquet", "bytes/event"),
    Figure("NDJSON file", "bytes/event"),
)
DUCKDB = """
import sys, duckdb
source, target = sys.argv[1:]
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")  # it would be drawn on stdout
connection.execute(
    "COPY (SELECT * EXCLUDE (events), unnest(events) AS event FROM read_json($source, format = 'newline_delimited')) "
    f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)",
    {"source": source},
)
print(duckdb.read_parquet(target).count("*").fetchall()[0][0])
"""


def rounds(folder: Path, count: int, tell: Tell) -> list[Readings]:
    """Each round takes the file into an empty data directory and into an empty Parquet file."""
    source = folder / "events.ndjson"
    events = write_events(source)
    readings: list[Readings] = []
    for number in range(1, count + 1):
        data_dir, parquet = folder / "data", folder / "events.parquet"
        tell(f"round {number} of {count}: viewbox ingest")
        ours = ingest(source, data_dir, events)
        tell(f"round {number} of {count}: DuckDB")
        peer = copy(source, parquet, events)
        readings.append(
            {
                "ViewBox ÷ DuckDB, events/s": peer.wall_s / ours.wall_s,
                "ViewBox ÷ DuckDB, CPU per event": ours.cpu_s / peer.cpu_s,
                "ViewBox": events / ours.wall_s,
                "DuckDB read_json → Parquet": events / peer.wall_s,
                "ViewBox, peak memory": ours.peak_bytes / MEBIBYTE,
                "DuckDB, peak memory": peer.peak_bytes / MEBIBYTE,
                "ViewBox, table `events`": size_of(data_dir / "lake" / "events") / events,
                "ViewBox, whole lake": size_of(data_dir / "lake") / events,
                "DuckDB, Parquet": parquet.stat().st_size / events,
                "NDJSON file": source.stat().st_size / events,
            }
        )
        shutil.rmtree(data_dir)
        parquet.unlink()
    return readings


def write_events(out: Path) -> int:
    """Whole views of a synthetic audience until there are EVENTS events; returns how many there are."""
    audience = Audience(SEED, "benchmark", VIDEO_S, EVENTS, SYSTEM_CLOCK.now_ms(), DAYS, everyday(VIDEO_S))
    events = 0
    with out.open("w", encoding="utf-8") as file:
        for view in audience.views():
            file.writelines(f"{line}\n" for line in view.lines())
            events += len(view.events)
            if events >= EVENTS:
                return events
    raise AssertionError("a view has at least one event")


def ingest(source: Path, data_dir: Path, events: int) -> Usage:
    """`viewbox ingest` with its default settings. Raises BenchmarkFailed unless every event is stored."""
    data_dir.mkdir()
    command: list[str | Path] = [sys.executable, "-m", "viewbox", "ingest", "--json", source]
    usage = run_measured(command, folder=data_dir, environment={"VIEWBOX_DATA_DIR": str(data_dir)})
    counts = json.loads(usage.stdout)
    if counts["received"] != events or counts["stored"] != events:
        raise BenchmarkFailed(f"{events} events were sent, and ViewBox says {counts}")
    return usage


def copy(source: Path, parquet: Path, events: int) -> Usage:
    """DuckDB alone, with its default settings. Raises BenchmarkFailed unless every event has a row."""
    usage = run_measured([sys.executable, "-c", DUCKDB, source, parquet])
    if int(usage.stdout) != events:
        raise BenchmarkFailed(f"{events} events were written, and DuckDB wrote {usage.stdout.strip()} rows")
    return usage
