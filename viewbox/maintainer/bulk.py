"""Whole files for `lake/events` that were made elsewhere: committed at once, and known to the index like any event.

The index says `bulk_begun` while that goes on; whoever dies in between leaves an index that is made anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from deltalake import CommitProperties
from deltalake.transaction import AddAction

from viewbox.clock import SYSTEM_CLOCK
from viewbox.lake.layout import EVENTS
from viewbox.lake.table import LakeTable
from viewbox.maintainer.index import GONE, Counts, Index, IndexedView, SpoolState

BULK_BEGUN = "bulk_begun"


class BulkFile(msgspec.Struct, frozen=True):
    """A Parquet file that lies below the table, on disk. `low` and `high` bound some of its columns."""

    path: str
    size: int
    rows: int
    partition: dict[str, str]
    low: Mapping[str, object]
    high: Mapping[str, object]


def commit_files(
    events: LakeTable,
    index: Index,
    files: Sequence[BulkFile],
    views: Iterable[IndexedView],
    *,
    note: Mapping[str, str],
) -> int:
    """Commit files to `events` and their views to the index; returns how many events that were.

    The files' keys must be new: nobody compares them with what is stored.
    """
    before = events.version
    index.commit_facts({BULK_BEGUN: 1})
    events.delta.create_write_transaction(
        actions=[_add(file) for file in files],
        mode="append",
        schema=EVENTS,
        partition_by=["dt"],
        commit_properties=CommitProperties(custom_metadata=dict(note)),
    )
    events.delta.update_incremental()
    events.sync(before)
    stored = sum(file.rows for file in files)
    gone = index.spools().get(GONE, SpoolState()).counts + Counts(received=stored, stored=stored)
    facts = {
        f"{events.name}_version": events.version,
        "steps": (index.fact("steps") or 0) + 1,
        "full_asked": (index.fact("full_asked") or 0) + 1,
        BULK_BEGUN: 0,
    }
    index.commit_bulk(views, spools={GONE: SpoolState(0, gone)}, facts=facts)
    return stored


def _add(file: BulkFile) -> AddAction:
    stats = {
        "numRecords": file.rows,
        "minValues": {name: _plain(value) for name, value in file.low.items()},
        "maxValues": {name: _plain(value) for name, value in file.high.items()},
        "nullCount": dict.fromkeys(file.low, 0),
    }
    return AddAction(file.path, file.size, file.partition, SYSTEM_CLOCK.now_ms(), True, json.dumps(stats))


def _plain(value: object) -> object:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(value, datetime) else value
