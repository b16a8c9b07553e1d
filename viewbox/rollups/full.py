"""The full rebuild: every derived table from the events alone, a partition at a time, through the executor.

Events are read once. Workers leave drafts in scratch files, and the tables' own data files where these belong: what no
commit names is invisible, so readers stay on the last whole step until each table is replaced in one commit.

    day of events ──► drafts, intervals ──(lengths settled)──► day of views ──► views, days, seconds
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
from viewbox.lake.files import DataFile
from viewbox.rollups.batch import Batch
from viewbox.rollups.derive import Models
from viewbox.rollups.ledger import FACTS, Ledger, Length, Revision
from viewbox.rollups.lengths import Lengths
from viewbox.rollups.published import DERIVED_TABLES, Published, write_day_file
from viewbox.settings import Settings

CHUNK_VIEWS = 20_000  # views that a worker derives at once; bounds its memory


class DayOfEvents(msgspec.Struct, frozen=True):
    """One partition of `events` to work on; views never span two."""

    day: date
    files: tuple[str, ...]
    now_ms: int
    step: int
    scratch: str
    lake: str


class DayOfViews(msgspec.Struct, frozen=True):
    """One partition of the new tables: its drafts wait in the scratch folder."""

    day: date
    now_ms: int
    step: int
    scratch: str
    lake: str
    lengths: dict[Revision, Length]


class Drafted(msgspec.Struct, frozen=True):
    """What became of a day of events: files of facts in the scratch folder, files of `intervals` in the lake."""

    facts: list[str]
    intervals: list[DataFile]
    days: list[date]
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
    """Replace all derived tables, and the ledger's memory of views, as step number `step`."""
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    lake = settings.lake.rstrip("/")
    files: dict[str, list[DataFile]] = {name: [] for name in DERIVED_TABLES}
    with (
        tempfile.TemporaryDirectory(dir=settings.work_dir, prefix="rollup-") as scratch,
        open_executor(settings, items=len(event_files)) as executor,
    ):
        days: set[date] = set()
        poison: dict[str, str] = {}
        with ledger.transaction():
            ledger.forget_views()
            tasks = [DayOfEvents(day, paths, now_ms, step, scratch, lake) for day, paths in sorted(event_files.items())]
            for drafted in executor.map(draft_day, tasks):
                for path in drafted.facts:
                    ledger.put_facts(pq.read_table(path, schema=FACTS), published=True)
                files["intervals"] += drafted.intervals
                days |= set(drafted.days)
                poison |= drafted.poison
            lengths.settle(ledger.all_revisions())
            ledger.clear_waiting()
            ledger.begin_step(step, "full", now_ms, ())
        ledger.put_poison(poison)
        lengths.tell_catalog(ledger.all_revisions())
        settled = lengths.of(ledger.all_revisions())
        for made in executor.map(
            publish_day, [DayOfViews(day, now_ms, step, scratch, lake, settled) for day in sorted(days)]
        ):
            for name, one in made.items():
                files[name] += one
        for name in DERIVED_TABLES:
            published.replace_all(name, files[name], step)
        synced = published.sync({name: ledger.synced(name) for name in published.tables})
        for name, found in files.items():
            ledger.put_folded(name, found)
        ledger.end_step({}, synced)


def draft_day(task: DayOfEvents) -> Drafted:
    """Events → drafts of views, facts and intervals."""
    drafted = Drafted([], [], [], {})
    days: set[date] = set()
    for number, view_ids in enumerate(_chunks(task)):
        with Batch(task.files, task.now_ms) as batch:
            batch.add_neighbours(view_ids)
            facts = batch.facts
            facts_path = f"{task.scratch}/facts-{task.day}-{number:06d}.parquet"
            pq.write_table(facts, facts_path)
            drafted.facts.append(facts_path)
            for part, drafts in enumerate(batch.drafts()):
                path = f"{task.scratch}/drafts-{task.day}-{number:06d}-{part:06d}.parquet"
                pq.write_table(drafts, path, compression="lz4", use_dictionary=False)
            of_chunk = set(facts["dt"].unique().to_pylist())
            rows = batch.intervals(step=task.step)
            drafted.intervals.extend(write_day_file(task.lake, "intervals", day, rows) for day in sorted(of_chunk))
            days |= of_chunk
            drafted.poison.update(batch.poison)
    drafted.days.extend(days)
    return drafted


def publish_day(task: DayOfViews) -> dict[str, list[DataFile]]:
    """Drafts → the day's `views`, and what they count in `days` and `seconds`."""
    with Models() as models:
        models.hold_drafts(_drafts(task))
        views = models.views(task.lengths, now_ms=task.now_ms, step=task.step)
        once = views.append_column("sign", pa.array([1] * views.num_rows, pa.int64()))  # nothing was there before
        rows = {"views": views, "days": models.days(once), "seconds": models.seconds(once)}
    return {name: [write_day_file(task.lake, name, task.day, table)] for name, table in rows.items() if table.num_rows}


def _chunks(task: DayOfEvents) -> Iterator[list[str]]:
    with duckdb.connect() as connection:
        events = file_source("events", task.files)
        sql = f"SELECT DISTINCT view_id FROM ({events}) ORDER BY view_id"  # noqa: S608  # our own files
        view_ids: list[str] = connection.sql(sql).to_arrow_table()["view_id"].to_pylist()
    for start in range(0, len(view_ids), CHUNK_VIEWS):
        yield view_ids[start : start + CHUNK_VIEWS]


def _drafts(task: DayOfViews) -> pa.Table:
    """A view whose clock was wrong may have begun on another day than its id says: all files are looked into."""
    paths = sorted(Path(task.scratch).glob("drafts-*.parquet"))
    return ds.dataset(paths, format="parquet").to_table(filter=ds.field("dt") == pa.scalar(task.day))


def by_day(files: tuple[str, ...]) -> dict[date, tuple[str, ...]]:
    """Files of `events` by the partition in their path."""
    days: dict[date, list[str]] = {}
    for path in files:
        day = date.fromisoformat(path.rsplit("/dt=", 1)[1].split("/", 1)[0])
        days.setdefault(day, []).append(path)
    return {day: tuple(paths) for day, paths in days.items()}
