"""Planted defects: each takes one promise out of the product, in the victim's process alone. The suite must notice.

A defect names the moment at which it costs something; that the suite finds it there is what the suite is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Literal, NamedTuple

import msgspec
import pyarrow.dataset as ds
from deltalake.transaction import AddAction, RemoveAction

import viewbox.maintainer.loop
import viewbox.spool
from viewbox.clock import SYSTEM_CLOCK
from viewbox.lake import durable
from viewbox.lake.compaction import due, partitions
from viewbox.lake.table import LakeTable
from viewbox.maintainer.drain import Drain
from viewbox.maintainer.index import Index
from viewbox.maintainer.spools import Spools
from viewbox.spool import Spool

Passing = Callable[[str], None]
Cut = Literal["no", "all", "chance"]


class Defect(NamedTuple):
    """`plant` patches a process; what it costs shows when somebody dies at `label` (None: at a random moment), with the
    power `cut` or not.

    `disk`: what it does meanwhile, to whom, in which files.
    """

    takes_away: str
    plant: Callable[[Passing], None]
    finds: Literal["lost", "doubled"]
    label: str | None = None
    cut: Cut = "no"
    disk: tuple[str, Literal["door", "maintainer"], str] | None = None
    doors: int = 1
    heals: bool = False  # the disk: once somebody died of it, before anybody dies at `label`


def ack_before_commit(_passing: Passing) -> None:
    real = Spool.submit

    def submit(self: Spool, rows: Any, tell: Callable[[None], None]) -> None:
        real(self, rows, lambda _error: None)
        tell(None)

    Spool.submit = submit  # type: ignore[method-assign]


def synchronous_normal(_passing: Passing) -> None:
    real = viewbox.spool.connect

    def connect(path: Any) -> Any:
        database = real(path)
        database.execute("PRAGMA synchronous = NORMAL")
        return database

    viewbox.spool.connect = connect


def spool_fsync_error_ignored(_passing: Passing) -> None:
    Spool._give_up = lambda self, error: None  # type: ignore[method-assign, assignment, return-value]


def lake_fsync_error_ignored(_passing: Passing) -> None:
    real = durable.sync

    def sync(path: Any) -> None:
        with suppress(OSError):
            real(path)

    durable.sync = sync


def second_fsync_believed(_passing: Passing) -> None:
    durable.write_anew = lambda table, trusted: None


def transaction_dropped(_passing: Passing) -> None:
    real = LakeTable.append

    def append(self: LakeTable, rows: Any, **named: Any) -> None:
        real(self, rows, note=named.get("note"))

    LakeTable.append = append  # type: ignore[method-assign]


def trimmed_before_sync(_passing: Passing) -> None:
    """The step is written into the index and the spool trimmed, and only then is the lake synced."""
    real_sync, real_trim = LakeTable.sync, Spools.trim
    waiting: list[tuple[LakeTable, int]] = []

    def trim(self: Spools, spool_id: str, position: int) -> None:
        real_trim(self, spool_id, position)
        while waiting:
            real_sync(*waiting.pop())

    LakeTable.sync = lambda self, since: waiting.append((self, since))  # type: ignore[method-assign]
    Spools.trim = trim  # type: ignore[method-assign]


def dedupe_removed(_passing: Passing) -> None:
    """Each step knows its own events only: not what another worker's spool brought before."""
    Index.views = lambda self, view_ids: {}  # type: ignore[method-assign]


def compaction_without_snapshot(passing: Passing) -> None:
    """Files are merged as in a folder of bare Parquet: the new one first, then the old ones go."""

    def compact(table: LakeTable, today: date, *, note: dict[str, str], at_most: int) -> int:
        work = [partition for partition, _ in due(partitions(table), today) if partition.day is not None][:at_most]
        for partition in work:
            condition = ds.field("dt") == partition.day
            rows = table.delta.to_pyarrow_dataset().to_table(filter=condition)
            old = table.delta.get_add_actions(flatten=True)
            table.append(rows, note=note)
            passing("compaction.merged")
            gone: list[AddAction | RemoveAction] = [
                RemoveAction(path, True, SYSTEM_CLOCK.now_ms(), size, {"dt": str(day)})
                for path, day, size in zip(
                    old["path"].to_pylist(), old["partition.dt"].to_pylist(), old["size_bytes"].to_pylist(), strict=True
                )
                if day == partition.day
            ]
            table.delta.create_write_transaction(gone, "append", table.schema, ["dt"])
            table.delta.update_incremental()
        return len(work)

    viewbox.maintainer.loop.compact = compact  # type: ignore[attr-defined]


def position_read_early(_passing: Passing) -> None:
    """The position that a commit carries is looked up beside the rows: what a door commits meanwhile is passed over."""
    real = Drain._finish

    def finish(self: Drain, batch: Any) -> None:
        if batch:
            self._decide(batch)  # as long as the look-up of the rows takes
            for spool_id, rows in batch.items():
                last = self._spools._database(spool_id).execute("SELECT max(id) FROM rows").fetchone()[0]
                rows[-1] = msgspec.structs.replace(rows[-1], id=last or rows[-1].id)
        real(self, batch)

    Drain._finish = finish  # type: ignore[method-assign]


DEFECTS: Mapping[str, Defect] = {
    "ack before commit": Defect(
        "the ack comes after the fsync", ack_before_commit, "lost",
        "spool.written", "all", disk=("slow", "door", "/spool/"),
    ),
    "synchronous=NORMAL": Defect(
        "a commit of the spool is an fsync", synchronous_normal, "lost", "spool.committed", "all",
    ),
    "fsync error ignored (spool)": Defect(
        "after a failed fsync nothing is acked", spool_fsync_error_ignored, "lost", disk=("eio", "door", "/spool/"),
    ),
    "fsync error ignored (lake)": Defect(
        "a commit whose fsync failed is no commit", lake_fsync_error_ignored, "lost",
        "drain.trimmed", "all", disk=("eio", "maintainer", "/lake/events"),
    ),
    "fsync believed the second time": Defect(
        "what an fsync failed for is written anew", second_fsync_believed, "lost",
        "drain.trimmed", "all", disk=("eio", "maintainer", "/lake/events"), heals=True,
    ),
    "app transaction dropped": Defect(
        "the lake itself knows how far each spool is in it", transaction_dropped, "doubled", "drain.events_committed",
    ),
    "spool trimmed before the lake's fsync": Defect(
        "what leaves the spool is on disk in the lake", trimmed_before_sync, "lost", "drain.indexed", "all",
    ),
    "dedupe across workers removed": Defect(
        "one event is stored once, whichever worker took it", dedupe_removed, "doubled", doors=2,
    ),
    "compaction without snapshot": Defect(
        "merging files is one commit", compaction_without_snapshot, "doubled", "compaction.merged",
    ),
    "spool position read before commit": Defect(
        "a position is that of the last row that was read", position_read_early, "lost",
    ),
}  # fmt: skip
