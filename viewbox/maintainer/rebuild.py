"""The index, made anew from the lake: after it was deleted, or on a machine that the lake was copied to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from viewbox import logs
from viewbox.lake.reader import stored_keys
from viewbox.lake.table import LakeTable
from viewbox.maintainer.index import GONE, Counts, Index, IndexedView, SpoolState

MERGED_AT_ONCE = 100_000  # runs as Python objects at a time


def rebuild(index: Index, events: LakeTable, dead_letters: LakeTable, *, duplicates: int) -> None:
    """Which seqs of which views the lake holds, and what has been counted.

    Positions need no rebuilding: the tables' app transactions hold them. The fact `rebuilt` asks for all tables anew,
    since the rollups' own state lived in the same file. Duplicates since the last commit are forgotten, as received
    and as duplicate.
    """
    stored = events.count()
    dead = dead_letters.count()
    counts = Counts(stored + duplicates + dead, stored, duplicates, dead)
    facts = {"steps": 0, "rebuilt": 1, **{f"{table.name}_version": table.version for table in (events, dead_letters)}}
    views = index.commit_bulk(_views(events), spools={GONE: SpoolState(0, counts)}, facts=facts)
    logs.get("maintainer").warning("index_rebuilt", views=views, **msgspec.structs.asdict(counts))


def _views(events: LakeTable) -> Iterator[IndexedView]:
    """A row per view. Memory grows with the views, not with their events: runs of seqs are all that is kept."""
    runs = [_runs(batch) for batch in stored_keys(events) if batch.num_rows]
    if not runs:
        return
    ordered = pa.concat_tables(runs).sort_by([("view_id", "ascending"), ("first", "ascending")])
    rows = (row for batch in ordered.to_batches(MERGED_AT_ONCE) for row in zip(*_columns(batch), strict=True))
    for (view_id, video_id, viewer_id), found in groupby(rows, key=itemgetter(0, 1, 2)):
        bounds: list[int] = []
        for *_owner, first, last in found:
            if bounds and first <= bounds[-1] + 1:
                bounds[-1] = max(bounds[-1], last)
            else:
                bounds += (first, last)
        yield view_id, video_id, viewer_id, json.dumps(bounds)


def _runs(batch: pa.RecordBatch) -> pa.Table:
    """Neighbouring rows of one view with ascending seqs as one row. Files are sorted, so there are few."""
    view = batch.column("view_id").dictionary_encode().indices.to_numpy()
    seq = batch.column("seq").to_numpy()
    edge = np.ones(len(seq), np.bool_)
    edge[1:] = (view[1:] != view[:-1]) | (seq[1:] != seq[:-1] + 1)
    low = np.flatnonzero(edge)
    high = np.append(low[1:], len(seq)) - 1
    owners = {name: batch.column(name).take(pa.array(low)) for name in ("view_id", "video_id", "viewer_id")}
    return pa.table({**owners, "first": seq[low], "last": seq[high]})


def _columns(batch: pa.RecordBatch) -> list[list[Any]]:
    return [column.to_pylist() for column in batch.columns]
