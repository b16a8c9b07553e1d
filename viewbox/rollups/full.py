"""The full rebuild: every derived table from the events alone, a partition at a time, through the executor.

Events are read once. Workers leave drafts in scratch files, and the tables' own data files where these belong: what no
commit names is invisible, so readers stay on the last whole step until each table is replaced in one commit.

    day of events ──► drafts, intervals ──(lengths settled)──► day of views ──► views, days, seconds
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from pyarrow import feather

from viewbox.executor import open_executor
from viewbox.lake.files import DataFile
from viewbox.rollups.batch import Batch
from viewbox.rollups.derive import Models, Range, views_in, work_alone_on
from viewbox.rollups.ledger import Ledger, Length, Revision
from viewbox.rollups.lengths import Lengths
from viewbox.rollups.published import DERIVED_TABLES, Published, write_day_files
from viewbox.settings import Settings

Item = TypeVar("Item")
CHUNK_EVENTS = 1_200_000  # that a worker derives at once, about: bounds its memory, and what starting on a chunk costs

CHUNK_VIEWS = 40_000  # the same for what is published at once; but a day is published whole


class EventsOfDays(msgspec.Struct, frozen=True):
    """Whole partitions of `events` to work on, in their order; views never span two."""

    number: int
    files: tuple[str, ...]
    events: int
    in_order: bool  # each partition is one file: probably sorted
    now_ms: int
    step: int
    scratch: str
    lake: str
    cores: int | None


class ViewsOfDays(msgspec.Struct, frozen=True):
    """Partitions of the new tables: their drafts wait in these files, beside drafts of other days."""

    days: tuple[date, ...]
    drafts: tuple[str, ...]
    now_ms: int
    step: int
    lake: str
    cores: int | None
    lengths: dict[Revision, Length]


class Drafted(msgspec.Struct):
    """What became of days of events: facts, files of drafts in the scratch folder, files of `intervals` in the lake."""

    facts: list[pa.Table]
    drafts: dict[str, dict[date, int]]  # path -> views of each day
    intervals: list[DataFile]
    poison: dict[str, str]


class Day(msgspec.Struct, frozen=True):
    """A partition of `events`."""

    day: date
    files: tuple[str, ...]
    events: int


def rebuild(
    settings: Settings,
    *,
    ledger: Ledger,
    published: Published,
    lengths: Lengths,
    days: Sequence[Day],
    step: int,
    now_ms: int,
) -> None:
    """Replace all derived tables, and the ledger's memory of views, as step number `step`."""
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    lake = settings.lake.rstrip("/")
    files: dict[str, list[DataFile]] = {name: [] for name in DERIVED_TABLES}
    chunks = list(together(sorted(days, key=lambda one: one.day), lambda one: one.events, CHUNK_EVENTS))
    with (
        tempfile.TemporaryDirectory(dir=settings.work_dir, prefix="rollup-") as scratch,
        open_executor(settings, items=len(chunks)) as executor,
    ):
        drafts: dict[str, dict[date, int]] = {}
        poison: dict[str, str] = {}
        tasks = [
            EventsOfDays(
                number,
                tuple(path for one in chunk for path in one.files),
                sum(one.events for one in chunk),
                all(len(one.files) == 1 for one in chunk),
                now_ms,
                step,
                scratch,
                lake,
                executor.cores,
            )
            for number, chunk in enumerate(chunks)
        ]
        with ledger.transaction():
            with ledger.views_anew() as put:
                for drafted in executor.map(draft, tasks):
                    for facts in drafted.facts:
                        put(facts)
                    files["intervals"] += drafted.intervals
                    drafts |= drafted.drafts
                    poison |= drafted.poison
            lengths.settle(ledger.all_revisions())
            ledger.clear_waiting()
            ledger.begin_step(step, "full", now_ms, ())
        ledger.put_poison(poison)
        lengths.tell_catalog(ledger.all_revisions())
        settled = lengths.of(ledger.all_revisions())
        for made in executor.map(
            publish,
            [
                ViewsOfDays(some, paths, now_ms, step, lake, executor.cores, settled)
                for some, paths in _days_of_drafts(drafts)
            ],
        ):
            for name, more in made.items():
                files[name] += more
        for name in DERIVED_TABLES:
            published.replace_all(name, files[name], step)
        synced = published.sync({name: ledger.synced(name) for name in published.tables})
        for name, found in files.items():
            ledger.put_folded(name, found)
        ledger.end_step({}, synced)


def draft(task: EventsOfDays) -> Drafted:
    """Events → drafts of views, facts and intervals."""
    if task.cores:
        work_alone_on(task.cores)
    drafted = Drafted([], {}, [], {})
    for number, within in enumerate(_chunks(task)):
        with Batch(task.files, task.now_ms) as batch:
            batch.add_all(within, in_order=task.in_order)
            drafted.facts.append(batch.facts)
            for part, drafts in enumerate(batch.drafts()):
                path = f"{task.scratch}/drafts-{task.number:06d}-{number:06d}-{part:06d}.arrow"
                feather.write_feather(drafts, path, compression="lz4")
                days, counts = drafts["dt"].value_counts().flatten()
                drafted.drafts[path] = dict(zip(days.to_pylist(), counts.to_pylist(), strict=True))
            for intervals in batch.coded_intervals(step=task.step):
                drafted.intervals.extend(write_day_files(task.lake, "intervals", intervals))
            drafted.poison.update(batch.poison)
    return drafted


def publish(task: ViewsOfDays) -> dict[str, list[DataFile]]:
    """Drafts → the days' `views`, and what they count in `days` and `seconds`."""
    if task.cores:
        work_alone_on(task.cores)
    with Models() as models:
        models.hold_drafts(_drafts(task))
        views = models.views(task.lengths, now_ms=task.now_ms, step=task.step)
        once = views.append_column("sign", pa.array([1] * views.num_rows, pa.int64()))  # nothing was there before
        days, seconds = models.counts(once, coded=True)
        rows = {"views": views, "days": days, "seconds": seconds}
    return {name: write_day_files(task.lake, name, table) for name, table in rows.items()}


def together(items: Iterable[Item], size: Callable[[Item], int], most: int) -> Iterator[list[Item]]:
    """Neighbours whose sizes add up to no more than `most`; a larger item stands alone."""
    held: list[Item] = []
    for item in items:
        if held and sum(map(size, held)) + size(item) > most:
            yield held
            held = []
        held.append(item)
    if held:
        yield held


def _chunks(task: EventsOfDays) -> Iterator[Range | None]:
    """What to derive at once: all, or ranges of views of a large day."""
    if task.events <= CHUNK_EVENTS:
        yield None
        return
    view_ids = views_in(task.files)
    views = max(1, len(view_ids) * CHUNK_EVENTS // task.events)
    for start in range(0, len(view_ids), views):
        some = view_ids[start : start + views]
        yield some[0], some[-1]


def _days_of_drafts(drafts: Mapping[str, Mapping[date, int]]) -> Iterator[tuple[tuple[date, ...], tuple[str, ...]]]:
    """Days to publish at once, with the files that hold their drafts.

    A view whose clock was wrong may have begun on another day than its id says: any file may hold a view of any day.
    """
    views: dict[date, int] = {}
    for of_file in drafts.values():
        for day, count in of_file.items():
            views[day] = views.get(day, 0) + count
    for days in together(sorted(views), views.__getitem__, CHUNK_VIEWS):
        yield tuple(days), tuple(path for path, of_file in drafts.items() if not of_file.keys().isdisjoint(days))


def _drafts(task: ViewsOfDays) -> pa.Table:
    days = pa.array(task.days, pa.date32())
    tables = [feather.read_table(path) for path in task.drafts]
    return pa.concat_tables(table.filter(pc.is_in(table["dt"], days)) for table in tables)


def days_of(events: DeltaTable) -> list[Day]:
    """The partitions of `events`, with the numbers of events that its log tells."""
    counts: dict[date, int] = {}
    actions = events.get_add_actions(flatten=True)
    for day, count in zip(actions["partition.dt"].to_pylist(), actions["num_records"].to_pylist(), strict=True):
        counts[day] = counts.get(day, 0) + count
    files: dict[date, list[str]] = {}
    for path in events.file_uris():
        files.setdefault(date.fromisoformat(path.rsplit("/dt=", 1)[1].split("/", 1)[0]), []).append(path)
    return [Day(day, tuple(paths), counts[day]) for day, paths in files.items()]
