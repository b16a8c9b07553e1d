"""Looking things up in the lake: stored events by key, and every stored key."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from viewbox.ids import view_date
from viewbox.lake.layout import EVENT_OBJECT
from viewbox.lake.table import LakeTable


def stored_events(events: LakeTable, keys: Collection[tuple[str, int]]) -> dict[tuple[str, int], tuple[Any, ...]]:
    """(view_id, seq) → (seq, *event object), for those of the keys that are stored.

    Partitions and the statistics of files and row groups keep this to the few files that can hold the views.
    """
    if not keys:
        return {}
    views = sorted({view_id for view_id, _seq in keys})
    days = sorted({view_date(view_id) for view_id in views})
    condition = (
        pc.field("dt").isin(pa.array(days, pa.date32()))
        & (pc.field("view_id") >= views[0])
        & (pc.field("view_id") <= views[-1])
        & pc.field("view_id").isin(views)
    )
    table = events.delta.to_pyarrow_dataset().to_table(columns=["view_id", "seq", *EVENT_OBJECT], filter=condition)
    columns = [table.column(name).to_pylist() for name in table.column_names]
    rows = zip(columns[0], zip(*columns[1:], strict=True), strict=True)
    return {(view_id, row[0]): row for view_id, row in rows if (view_id, row[0]) in keys}


def stored_keys(events: LakeTable) -> Iterator[pa.RecordBatch]:
    """Every stored (view_id, seq, video_id, viewer_id), in no order, a batch at a time."""
    columns = ["view_id", "seq", "video_id", "viewer_id"]
    yield from events.delta.to_pyarrow_dataset().to_batches(columns=columns)
