"""A part of the crowd as one Parquet file, ready to be committed: any process can write it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from viewbox.lake.durable import sync
from viewbox.maintainer.bulk import BulkFile, IndexedView
from viewbox.testing.crowd.chunk import Made, make
from viewbox.testing.crowd.plan import Part
from viewbox.testing.crowd.rows import seq_ranges, view_ids, viewer_ids

ROW_GROUP_ROWS = 122_880
_BOUNDED = ("view_id", "seq", "video_id", "occurred_at", "received_at")  # columns whose bounds help to prune


@dataclass(frozen=True)
class PartTask:
    part: Part
    folder: str  # the Delta table


@dataclass
class PartMade:
    """What became of a part."""

    file: BulkFile | None  # None: every message was lost
    views: int
    events: int  # that happened, lost ones included
    index: list[IndexedView] = field(default_factory=list)


def write_part(task: PartTask) -> PartMade:
    """Make a part and write it below the table; on disk when it returns."""
    day = date(1970, 1, 1) + timedelta(days=task.part.day)
    audience = task.part.audience
    name = f"dt={day.isoformat()}/part-simulated-{audience.seed}-{audience.until_ms}-{task.part.number:05d}.parquet"
    path = Path(task.folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    made = PartMade(None, 0, 0)
    bounds = _Bounds()
    with _Groups(path) as groups:
        for chunk in task.part.chunks():
            piece = make(chunk)
            rows = piece.rows()
            groups.add(rows)
            bounds.add(rows)
            made.views += piece.visits.count
            made.events += piece.tape.count
            made.index += _index(piece)
    if not bounds.rows:
        path.unlink()
        return made
    sync(path)
    sync(path.parent)
    made.file = BulkFile(name, path.stat().st_size, bounds.rows, {"dt": day.isoformat()}, bounds.low, bounds.high)
    return made


class _Groups:
    """A Parquet file that takes rows of any number and writes full row groups."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None
        self._held: pa.Table | None = None

    def __enter__(self) -> _Groups:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if self._held is not None and self._held.num_rows and kind is None:
            self._write(self._held)
        if self._writer is not None:
            self._writer.close()

    def add(self, rows: pa.Table) -> None:
        if self._writer is None:
            self._writer = writer(self._path, rows.schema)
        if self._held is not None:
            rows = pa.concat_tables([self._held, rows]).unify_dictionaries()
        full = rows.num_rows // ROW_GROUP_ROWS * ROW_GROUP_ROWS
        self._write(rows.slice(0, full))
        self._held = rows.slice(full)

    def _write(self, rows: pa.Table) -> None:
        assert self._writer is not None
        if rows.num_rows:
            self._writer.write_table(rows, row_group_size=ROW_GROUP_ROWS)


def writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """The layout that came out smallest; see docs/explanation/synthetic-audience.md."""
    return pq.ParquetWriter(path, schema, compression="zstd", compression_level=3, store_schema=False)


class _Bounds:
    def __init__(self) -> None:
        self.rows = 0
        self.low: dict[str, object] = {}
        self.high: dict[str, object] = {}

    def add(self, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        self.rows += rows.num_rows
        for name in _BOUNDED:
            column = rows.column(name)
            if pa.types.is_dictionary(column.type):
                column = pa.chunked_array([chunk.unique().dictionary_decode() for chunk in column.chunks])
            low, high = pa.compute.min_max(column).as_py().values()
            self.low[name] = min(low, self.low.get(name, low))  # type: ignore[type-var]  # of one column
            self.high[name] = max(high, self.high.get(name, high))  # type: ignore[type-var]  # of one column


def _index(piece: Made) -> list[IndexedView]:
    """What the maintainer's index must say of the views that arrived."""
    arrived = ~piece.messages.lost[piece.messages.owner]
    view = piece.tape.view[arrived]
    who = np.unique(view)
    ids, viewers = view_ids(piece.visits).to_pylist(), viewer_ids(piece.visits).to_pylist()
    videos = piece.chunk.part.audience.library.ids
    video = piece.visits.video.tolist()
    ranges = seq_ranges(view, piece.tape.seq[arrived])
    return [(ids[n], videos[video[n]], viewers[n], seqs) for n, seqs in zip(who.tolist(), ranges, strict=True)]
