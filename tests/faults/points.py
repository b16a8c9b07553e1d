"""The registry of crash points: every place where a process is made to die, and what it leaves behind there.

A point lies before or after a function of the product, around an fsync of SQLite's, or where the maintainer says `at`.
The product knows nothing of it: `install` wraps the functions in the victim's process.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

Passing = Callable[[str], None]
Kind = Literal["door", "maintainer"]
Need = Literal["", "fresh start", "dead door", "rebuild"]


class Point(NamedTuple):
    """`where`: "module:qualified name", "sync:<part of a path>", or "at:<label>"."""

    label: str
    kind: Kind
    side: Literal["before", "after"]
    where: str
    leaves: str
    when: Callable[[tuple[Any, ...], Any], bool] | None = None  # (arguments, result; None before) -> whether it counts
    needs: Need = ""  # what leads there, where daily life does not


def _gave_something(_arguments: tuple[Any, ...], result: Any) -> bool:
    return bool(result)


def _of_table(name: str) -> Callable[[tuple[Any, ...], Any], bool]:
    return lambda arguments, _result: arguments[1] == name


_D: Kind = "door"
_M: Kind = "maintainer"
_FRESH: Need = "fresh start"
_DEAD: Need = "dead door"
_SPOOL, _DRAIN, _SPOOLS = "viewbox.spool:Spool", "viewbox.maintainer.drain:Drain", "viewbox.maintainer.spools:Spools"
_ROLLUPS, _PUBLISHED = "viewbox.rollups.rollups:Rollups", "viewbox.rollups.published:Published"
_INDEX, _TABLE = "viewbox.maintainer.index:Index", "viewbox.lake.table:LakeTable"

POINTS = (
    # --- the door and its spool
    Point("spool.created", _D, "after", "viewbox.spool:_create", "an empty spool", needs=_FRESH),
    Point("door.received", _D, "before", "ingest_api.desk:Desk._gather", "messages in memory only"),
    Point("spool.gathered", _D, "before", f"{_SPOOL}._commit", "rows in memory only, their callers waiting"),
    Point("spool.written", _D, "before", "sync:/spool/", "rows in the page cache, not synced"),
    Point("spool.synced", _D, "after", "sync:/spool/", "rows on disk, the commit not returned"),
    Point("spool.committed", _D, "after", f"{_SPOOL}._commit", "a commit that no caller knows of"),
    Point("door.stored", _D, "before", "ingest_api.desk:Desk._settle", "events on disk, no ack sent"),
    # --- the role, and what the last holder left
    Point("role.taken", _M, "after", "viewbox.maintainer.role:Role.take", "a lock", _gave_something, _FRESH),
    Point("recover.begun", _M, "before", f"{_DRAIN}.recover", "what the last crash left", needs=_FRESH),
    Point("recover.done", _M, "after", f"{_DRAIN}.recover", "the last crash made good", needs=_FRESH),
    # --- the drain
    Point("drain.read", _M, "after", f"{_SPOOLS}.take", "a batch in memory", _gave_something),
    Point("drain.decided", _M, "after", f"{_DRAIN}._decide", "a verdict in memory"),
    Point("drain.events_committed", _M, "after", "at:events_committed", "events in the lake, unsynced"),
    Point("drain.dead_letters_committed", _M, "after", "at:dead_letters_committed", "both tables unsynced"),
    Point("drain.synced", _M, "after", "at:synced", "a lake on disk that the index does not know"),
    Point("drain.indexed", _M, "after", "at:indexed", "a spool that was not trimmed"),
    Point("drain.trimmed", _M, "after", "at:trimmed", "events whose tables lag"),
    Point("index.written", _M, "before", "sync:/index.sqlite", "a step in the index's cache, not synced"),
    Point("index.synced", _M, "after", "sync:/index.sqlite", "a commit of the index that did not return"),
    Point("spool.trimmed", _M, "after", f"{_SPOOLS}.trim", "one spool trimmed, others not"),
    Point("spool.removed", _M, "after", f"{_SPOOLS}.remove_if_left", "counts of no spool", _gave_something, _DEAD),
    Point("spool.retired", _M, "after", f"{_INDEX}.retire", "its counts among those that are gone", needs=_DEAD),
    # --- commits to the lake
    Point("lake.unsynced", _M, "before", "viewbox.lake.durable:sync_commits", "a commit in the cache"),
    Point("lake.half_synced", _M, "after", "viewbox.lake.durable:sync", "one of its files on disk"),
    Point("lake.synced", _M, "after", "viewbox.lake.durable:sync_commits", "a commit on disk"),
    # --- compaction, vacuum
    Point("compaction.day_written", _M, "before", "viewbox.lake.sorting:commit_files", "a file of no commit"),
    Point("compaction.day_sorted", _M, "after", "viewbox.lake.compaction:sort_day", "a sorted day, unsynced"),
    Point("compaction.merged", _M, "after", "at:compacted", "merged files, unsynced"),
    Point("vacuum.begun", _M, "before", "viewbox.maintainer.loop:vacuum", "files of older snapshots"),
    Point("vacuum.done", _M, "after", "viewbox.maintainer.loop:vacuum", "files deleted", _gave_something),
    # --- the rollup
    Point("rollup.begun", _M, "after", f"{_ROLLUPS}._begin", "a step's inputs, none of its rows"),
    Point("rollup.views", _M, "after", f"{_PUBLISHED}.append", "`views` ahead", _of_table("views")),
    Point("rollup.intervals", _M, "after", f"{_PUBLISHED}.append", "`days` behind", _of_table("intervals")),
    Point("rollup.days", _M, "after", f"{_PUBLISHED}.append", "`seconds` behind", _of_table("days")),
    Point("rollup.seconds", _M, "after", f"{_PUBLISHED}.append", "four commits unsynced", _of_table("seconds")),
    Point("rollup.synced", _M, "after", f"{_PUBLISHED}.sync", "a step on disk that the ledger does not know"),
    Point("rollup.ended", _M, "after", "viewbox.rollups.ledger:Ledger.end_step", "a whole step"),
    Point("rollup.folded", _M, "after", f"{_PUBLISHED}.replace_day", "a folded day, unsynced"),
    Point("rollup.replaced", _M, "after", f"{_PUBLISHED}.replace_all", "one table of a rebuild only", needs="rebuild"),
    Point("rollup.done", _M, "after", "at:rolled_up", "tables ahead of the index"),
    Point("rollup.known", _M, "after", f"{_INDEX}.commit_rollup", "a step that is over"),
)  # fmt: skip
BY_LABEL: Mapping[str, Point] = {point.label: point for point in POINTS}
AT_LABELS = {point.where.removeprefix("at:"): point.label for point in POINTS if point.where.startswith("at:")}


def install(kind: Kind, passing: Passing) -> None:
    """Call `passing` with the label at each point of this kind of process."""
    places: dict[str, list[Point]] = {}
    for point in POINTS:
        if point.kind == kind and not point.where.startswith(("at:", "sync:")):
            places.setdefault(point.where, []).append(point)
    for where, points in places.items():
        _wrap(where, points, passing)


def syncing(kind: Kind, passing: Passing) -> Callable[[str, Path], None]:
    """What a platter is to call with "before" or "after" at each fsync of a write-ahead log."""
    points = [point for point in POINTS if point.kind == kind and point.where.startswith("sync:")]

    def call(side: str, path: Path) -> None:
        for point in points:
            if point.side == side and point.where.removeprefix("sync:") in str(path) and path.name.endswith("-wal"):
                passing(point.label)

    return call


def at(passing: Passing) -> Passing:
    """What the maintainer is to call: its own labels, as the registry names them."""
    return lambda label: passing(AT_LABELS[label])


def _wrap(where: str, points: list[Point], passing: Passing) -> None:
    module_name, _, name = where.partition(":")
    module = importlib.import_module(module_name)
    *owners, last = name.split(".")
    owner = functools.reduce(getattr, owners, module)
    real = getattr(owner, last)

    @functools.wraps(real)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        for point in points:
            if point.side == "before" and (point.when is None or point.when(arguments, None)):
                passing(point.label)
        result = real(*arguments, **named)
        for point in points:
            if point.side == "after" and (point.when is None or point.when(arguments, result)):
                passing(point.label)
        return result

    setattr(owner, last, wrapped)
    if owner is module and real.__module__ == module_name:  # others may have imported it by name
        for other in list(sys.modules.values()):
            if getattr(other, "__name__", "").startswith("viewbox") and getattr(other, last, None) is real:
                setattr(other, last, wrapped)
