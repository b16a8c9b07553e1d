"""A part of the crowd as one Parquet file, ready to be committed: any process can write it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import feather

from viewbox.lake.durable import sync
from viewbox.lake.sorting import event_writer
from viewbox.maintainer.bulk import BulkFile
from viewbox.maintainer.index import IndexedView
from viewbox.testing.crowd.chunk import Made, make
from viewbox.testing.crowd.plan import Part
from viewbox.testing.crowd.rows import seq_ranges, view_ids, viewer_ids
from viewbox.testing.crowd.truth import Truth, nothing, truth_of

ROW_GROUP_ROWS = 122_880
_LARGE = ("view_id", "viewer_id", "session_id", "context")  # dictionaries that grow with the views
INDEX_COLUMNS = ("view_id", "video_id", "viewer_id", "seqs")
_BOUNDED = ("view_id", "seq", "video_id", "occurred_at", "received_at")  # columns whose bounds help to prune


@dataclass(frozen=True)
class PartTask:
    part: Part
    token: str  # of this load, in the names of its files
    folder: str  # the Delta table
    scratch: str


@dataclass
class PartMade:
    """What became of a part."""

    file: BulkFile | None  # None: every message was lost
    views: int
    index: str = ""  # Arrow file with what the maintainer's index must say


def part_glob(token: str) -> str:
    """The files of a load, below the table."""
    return f"dt=*/part-{token}-*.parquet"


def write_part(task: PartTask) -> tuple[PartMade, Truth]:
    """Make a part and write it below the table; on disk when it returns. With it, what really happened."""
    day = date(1970, 1, 1) + timedelta(days=task.part.day)
    name = f"dt={day.isoformat()}/part-{task.token}-{task.part.number:05d}.parquet"
    path = Path(task.folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    made = PartMade(None, 0)
    bounds = _Bounds()
    index: list[pa.Table] = []
    truth = nothing(task.part.crowd.library)
    with _Groups(path) as groups:
        for chunk in task.part.chunks():
            piece = make(chunk)
            rows = piece.rows()
            groups.add(rows)
            bounds.add(rows)
            made.views += piece.visits.count
            truth.add(truth_of(piece))
            index.append(_index(piece))
    if not bounds.rows:
        path.unlink()
        return made, truth
    sync(path)
    sync(path.parent)
    made.index = str(Path(task.scratch) / f"index-{task.part.number:05d}.arrow")
    feather.write_feather(pa.concat_tables(index), made.index)
    made.file = BulkFile(name, path.stat().st_size, bounds.rows, {"dt": day.isoformat()}, bounds.low, bounds.high)
    return made, truth


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
            self._writer = event_writer(self._path, rows.schema)
        if self._held is not None:
            rows = pa.concat_tables([self._held, rows]).unify_dictionaries()
        full = rows.num_rows // ROW_GROUP_ROWS * ROW_GROUP_ROWS
        self._write(rows.slice(0, full))
        self._held = rows.slice(full)

    def _write(self, rows: pa.Table) -> None:
        assert self._writer is not None
        for low in range(0, rows.num_rows, ROW_GROUP_ROWS):
            self._writer.write_table(_trimmed(rows.slice(low, ROW_GROUP_ROWS)), row_group_size=ROW_GROUP_ROWS)


def _trimmed(rows: pa.Table) -> pa.Table:
    """Dictionaries that hold only what the rows use: a row group is written with its whole dictionary."""
    for place, name in enumerate(rows.column_names):
        column = rows.column(place)
        if name in _LARGE:
            rows = rows.set_column(place, name, column.cast(pa.string()).combine_chunks().dictionary_encode())
    return rows


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
            low, high = pc.min_max(column).as_py().values()
            self.low[name] = min(low, self.low.get(name, low))
            self.high[name] = max(high, self.high.get(name, high))


def _index(piece: Made) -> pa.Table:
    """view_id, video_id, viewer_id and stored seqs of the views of which something arrived."""
    arrived = ~piece.messages.lost[piece.messages.owner]
    view = piece.tape.view[arrived]
    who = pa.array(np.unique(view))
    videos = pa.array(piece.chunk.part.crowd.library.ids).take(pa.array(piece.visits.video))
    columns = [view_ids(piece.visits), videos, viewer_ids(piece.visits)]
    ranges = pa.array(seq_ranges(view, piece.tape.seq[arrived]))
    return pa.table([*(column.take(who) for column in columns), ranges], names=list(INDEX_COLUMNS))


def indexed(made: list[PartMade]) -> Iterator[IndexedView]:
    """Rows of the maintainer's index, by view_id within a part."""
    for part in made:
        if part.index:
            columns = feather.read_table(part.index, memory_map=False).to_pydict()
            yield from zip(*(columns[name] for name in INDEX_COLUMNS), strict=True)
