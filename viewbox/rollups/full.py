"""The full rebuild: every derived table from the events alone, a partition at a time, through the executor.

Rows wait in scratch files until each table is replaced in one commit; readers stay on the last whole step meanwhile.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from viewbox.engine.sources import file_source
from viewbox.executor import open_executor
from viewbox.rollups.batch import Batch
from viewbox.rollups.derive import Models
from viewbox.rollups.ledger import Ledger, Length, Revision, ViewFacts
from viewbox.rollups.lengths import Lengths
from viewbox.rollups.published import Published
from viewbox.settings import Settings
from viewbox.tables import arrow_schema

CHUNK_VIEWS = 20_000  # views that a worker derives at once; bounds its memory


class DayOfEvents(msgspec.Struct, frozen=True):
    """One partition of `events` to work on; views never span two."""

    day: date
    files: tuple[str, ...]
    now_ms: int
    step: int
    scratch: str
    lengths: dict[Revision, Length] = {}


class DayOfViews(msgspec.Struct, frozen=True):
    """One partition of the new `views`, whose seconds are to be counted."""

    day: date
    scratch: str


class DayFacts(msgspec.Struct, frozen=True):
    facts: list[ViewFacts]
    poison: dict[str, str]


def rebuild(
    settings: Settings,
    *,
    ledger: Ledger,
    published: Published,
    lengths: Lengths,
    event_files: Mapping[date, tuple[str, ...]],
    step: int,
    now_ms: int,
) -> None:
    """Replace `views`, `intervals` and `seconds`, and the ledger's memory of views, as step number `step`."""
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=settings.work_dir, prefix="rollup-") as scratch,
        open_executor(settings, items=len(event_files)) as executor,
    ):
        tasks = [DayOfEvents(day, files, now_ms, step, scratch) for day, files in sorted(event_files.items())]
        revisions: list[set[Revision]] = []
        poison: dict[str, str] = {}
        with ledger.transaction():
            ledger.forget_views()
            for answer in executor.map(facts_of_day, tasks):
                ledger.put_facts(answer.facts)
                revisions.append({(fact.video_id, fact.revision) for fact in answer.facts})
                poison |= answer.poison
            lengths.settle(ledger.all_revisions())
            ledger.clear_waiting()
            ledger.begin_step(step, "full", now_ms, ())
        ledger.put_poison(poison)
        lengths.tell_catalog(ledger.all_revisions())
        measured = [
            msgspec.structs.replace(task, lengths=lengths.of(of_day))
            for task, of_day in zip(tasks, revisions, strict=True)
        ]
        days = {day for found in executor.map(write_day, measured) for day in found}
        for _ in executor.map(write_seconds, [DayOfViews(day, scratch) for day in sorted(days)]):
            pass
        for name in ("views", "intervals", "seconds"):
            published.replace_all(name, _stream(scratch, name), step)
        synced = published.sync({name: ledger.synced(name) for name in published.tables})
        ledger.end_step(_published_days(scratch), synced)


def facts_of_day(task: DayOfEvents) -> DayFacts:
    facts: list[ViewFacts] = []
    poison: dict[str, str] = {}
    for view_ids in _chunks(task):
        with Batch(task.files, task.now_ms) as batch:
            batch.add(view_ids)
            facts += batch.facts
            poison |= batch.poison
    return DayFacts(facts, poison)


def write_day(task: DayOfEvents) -> set[date]:
    """Put the day's views and intervals into scratch files; returns the dates under which they are published."""
    days: set[date] = set()
    for number, view_ids in enumerate(_chunks(task)):
        with Batch(task.files, task.now_ms) as batch:
            batch.add(view_ids)
            views = batch.views(task.lengths, step=task.step)
            intervals = batch.intervals(views)
        days |= set(views["dt"].unique().to_pylist())
        for name, rows in (("views", views), ("intervals", intervals)):
            pq.write_table(rows, Path(task.scratch) / f"{name}-{task.day}-{number:06d}.parquet")
    return days


def write_seconds(task: DayOfViews) -> None:
    views, intervals = (_of_day(task, name) for name in ("views", "intervals"))
    with Models() as models:
        seconds = models.seconds(_once(views), _once(intervals))
    pq.write_table(seconds, Path(task.scratch) / f"seconds-{task.day}.parquet")


def _chunks(task: DayOfEvents) -> Iterator[list[str]]:
    with duckdb.connect() as connection:
        events = file_source("events", task.files)
        sql = f"SELECT DISTINCT view_id FROM ({events}) ORDER BY view_id"  # noqa: S608  # our own files
        view_ids: list[str] = connection.sql(sql).to_arrow_table()["view_id"].to_pylist()
    for start in range(0, len(view_ids), CHUNK_VIEWS):
        yield view_ids[start : start + CHUNK_VIEWS]


def _scratch(folder: str, name: str) -> ds.Dataset:
    return ds.dataset(sorted(Path(folder).glob(f"{name}-*.parquet")), schema=arrow_schema(name), format="parquet")


def _of_day(task: DayOfViews, name: str) -> pa.Table:
    return _scratch(task.scratch, name).to_table(filter=ds.field("dt") == pa.scalar(task.day))


def _stream(folder: str, name: str) -> pa.RecordBatchReader:
    return _scratch(folder, name).scanner().to_reader()


def _published_days(folder: str) -> dict[str, date]:
    rows = _scratch(folder, "views").to_table(columns=["view_id", "dt"])
    return dict(zip(rows["view_id"].to_pylist(), rows["dt"].to_pylist(), strict=True))


def _once(rows: pa.Table) -> pa.Table:
    """Each row counts +1: nothing was there before."""
    return rows.append_column("sign", pa.array([1] * rows.num_rows, pa.int64()))


def by_day(files: tuple[str, ...]) -> dict[date, tuple[str, ...]]:
    """Files of `events` by the partition in their path."""
    days: dict[date, list[str]] = {}
    for path in files:
        day = date.fromisoformat(path.rsplit("/dt=", 1)[1].split("/", 1)[0])
        days.setdefault(day, []).append(path)
    return {day: tuple(paths) for day, paths in days.items()}
