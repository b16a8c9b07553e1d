"""Few, large files: small commits are merged while a day is open, a closed day becomes one file, of events sorted.

Merging rewrites files and never rows; readers of an older snapshot keep their files until `vacuum`, an hour later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
from deltalake import CommitProperties

from viewbox.lake.files import FOLDED_PREFIX
from viewbox.lake.sorting import can_sort, sort_day
from viewbox.lake.table import WRITER, LakeTable

OPEN_FILES = 20  # small files of one partition before they are merged
SPARE_FILES = 60  # files beyond one per partition, over the whole table, before late ones are merged too
OPEN_TARGET_BYTES = 16 * 1024 * 1024  # merged files of an open day reach this and are then left alone until it closes
CLOSED_TARGET_BYTES = 1024**3
RETENTION_HOURS = 1  # a replaced file stays this long: longer than any query runs


class Partition(msgspec.Struct, frozen=True):
    """Files of one partition. `day` is null in a table without partitions, `value` is what the path says."""

    value: str | None
    day: date | None
    sizes: tuple[int, ...]
    is_sorted: bool = True  # but for what came since, or there is no order to have

    @property
    def small(self) -> int:
        return sum(size < OPEN_TARGET_BYTES for size in self.sizes)


def due(partitions: Sequence[Partition], today: date) -> list[tuple[Partition, int]]:
    """Which partitions to merge now, with the size to aim at; the fullest first.

    A day counts as closed one day after it ended: until then late events still trickle in. Of days that are not worth
    merging for the number of their files, large ones are, once, for being sorted then.
    """
    spare = sum(len(partition.sizes) - 1 for partition in partitions)
    work: list[tuple[Partition, int]] = []
    for partition in sorted(partitions, key=lambda partition: len(partition.sizes), reverse=True):
        closed = partition.day is not None and (today - partition.day).days > 1
        if len(partition.sizes) < 2:
            continue
        unsorted = not partition.is_sorted and sum(partition.sizes) >= OPEN_TARGET_BYTES
        if closed and (len(partition.sizes) > OPEN_FILES or spare > SPARE_FILES or unsorted):
            work.append((partition, CLOSED_TARGET_BYTES))
            spare -= len(partition.sizes) - 1
        elif partition.small > OPEN_FILES:
            work.append((partition, OPEN_TARGET_BYTES))
    return work


def partitions(table: LakeTable) -> list[Partition]:
    """The table's files by partition."""
    actions = table.delta.get_add_actions(flatten=True)
    sizes = [int(size) for size in actions["size_bytes"].to_pylist()]
    key = f"partition.{table.partition_by}"
    values = actions[key].to_pylist() if table.partition_by else [None] * len(sizes)
    files: dict[object, list[int]] = {}
    folded: set[object] = set()
    for value, size, path in zip(values, sizes, actions["path"].to_pylist(), strict=True):
        files.setdefault(value, []).append(size)
        if path.rsplit("/", 1)[-1].startswith(FOLDED_PREFIX):
            folded.add(value)
    ordered = can_sort(table)
    return [
        Partition(
            None if value is None else str(value),
            value if isinstance(value, date) else None,
            tuple(found),
            is_sorted=not ordered or value in folded,
        )
        for value, found in files.items()
    ]


def compact(table: LakeTable, today: date, *, note: dict[str, str], at_most: int) -> int:
    """Merge the files of at most so many partitions; returns of how many. Not on disk until the table is synced."""
    work = due(partitions(table), today)[:at_most]
    for partition, target_bytes in work:
        if target_bytes == CLOSED_TARGET_BYTES and partition.day is not None and can_sort(table):
            sort_day(table, partition.day, note=note)
            continue
        table.delta.optimize.compact(
            partition_filters=[(table.partition_by, "=", partition.value)] if table.partition_by else None,
            target_size=target_bytes,
            writer_properties=WRITER,
            commit_properties=CommitProperties(custom_metadata=note),
        )
    return len(work)


def vacuum(table: LakeTable) -> int:
    """Delete files that no snapshot of the last hour names. Only after what replaced them is on disk."""
    if not _vacuum(table, dry_run=True):  # a real one commits, even when it finds nothing
        return 0
    return _vacuum(table, dry_run=False)


def _vacuum(table: LakeTable, *, dry_run: bool) -> int:
    files = table.delta.vacuum(retention_hours=RETENTION_HOURS, enforce_retention_duration=False, dry_run=dry_run)
    return len(files)
