"""Data files of a Delta table, written by ourselves: rows that replace whole partitions, sorted as readers like them.

deltalake's own writer appends; it cannot sort, and it writes in one process. Here any process writes files (a file that
no commit names is invisible, and `vacuum` takes it away), and the table's one writer commits them together.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
import pyarrow.parquet as pq
from deltalake import CommitProperties, Transaction
from deltalake.transaction import AddAction, RemoveAction

from viewbox.lake.table import LakeTable

COMPRESSION_LEVEL = 3
FOLDED_PREFIX = "folded-"  # begins the name of a file that replaced all there was: what deltalake writes is "part-…"
_COUNTED = (pa.types.is_integer, pa.types.is_string, pa.types.is_boolean)  # kinds of columns with statistics in the log


class DataFile(msgspec.Struct, frozen=True):
    """A file that waits to be committed. `path` is below its table's folder."""

    path: str
    day: date
    size: int
    rows: int
    stats: str


def write_data_file(uri: str, day: date, rows: pa.Table, *, row_group_rows: int) -> DataFile:
    """Write rows of one partition `dt=day` below the table at `uri`, in the order in which they are."""
    filesystem, root = pafs.FileSystem.from_uri(uri) if "://" in uri else (pafs.LocalFileSystem(), uri)
    path = f"dt={day.isoformat()}/{FOLDED_PREFIX}{uuid4()}.zstd.parquet"
    filesystem.create_dir(f"{root}/dt={day.isoformat()}", recursive=True)
    kept = rows.drop_columns(["dt"])
    with pq.ParquetWriter(
        f"{root}/{path}",
        kept.schema,
        filesystem=filesystem,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        # Numbers seldom repeat: plain ones are smaller once compressed, and quicker to write.
        use_dictionary=[field.name for field in kept.schema if _is_text(field.type)],
        store_schema=False,  # whether text came in codes is nothing to readers
    ) as writer:
        for start in range(0, kept.num_rows, row_group_rows):
            writer.write_table(_with_own_codes(kept.slice(start, row_group_rows)), row_group_size=row_group_rows)
    size = filesystem.get_file_info(f"{root}/{path}").size
    return DataFile(path, day, size, rows.num_rows, json.dumps(_statistics(rows)))


def commit_files(
    table: LakeTable,
    files: Sequence[DataFile],
    *,
    replaced_day: date | None = None,
    positions: Mapping[str, int] | None = None,
    note: Mapping[str, str] | None = None,
) -> None:
    """Let the table, or one of its days, hold these files and nothing else. Not on disk until the table is synced."""
    now_ms = int(time.time() * 1000)
    actions: list[AddAction | RemoveAction] = [
        AddAction(file.path, file.size, {"dt": file.day.isoformat()}, now_ms, data_change=True, stats=file.stats)
        for file in files
    ]
    table.delta.create_write_transaction(
        actions,
        mode="overwrite",
        schema=table.schema,
        partition_by=["dt"],
        partition_filters=None if replaced_day is None else [("dt", "=", replaced_day.isoformat())],
        commit_properties=CommitProperties(
            custom_metadata=dict(note or {}),
            app_transactions=[Transaction(app_id, version) for app_id, version in (positions or {}).items()],
        ),
    )
    table.delta.update_incremental()


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_dictionary(kind))


def _with_own_codes(rows: pa.Table) -> pa.Table:
    """Rows whose dictionaries hold their own texts only: a dictionary is written whole, into every row group."""
    for place, field in enumerate(rows.schema):
        if pa.types.is_dictionary(field.type):
            coded = rows[place].combine_chunks()
            used = pc.unique(coded.indices).drop_null()
            own = pa.DictionaryArray.from_arrays(pc.index_in(coded.indices, used), coded.dictionary.take(used))
            rows = rows.set_column(place, field, own)
    return rows


def _statistics(rows: pa.Table) -> dict[str, Any]:
    """What the log says of a file's columns, so that readers of the log need not open it."""
    least: dict[str, Any] = {}
    most: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    for field in rows.schema:
        values = rows[field.name]
        nulls_here = values.null_count
        if pa.types.is_dictionary(field.type):
            codes = values.combine_chunks()
            values = codes.dictionary.take(pc.unique(codes.indices).drop_null())
        if field.name == "dt" or not any(is_kind(values.type) for is_kind in _COUNTED):
            continue
        nulls[field.name] = nulls_here
        ends = pc.min_max(values).as_py()
        if ends["min"] is not None:
            least[field.name], most[field.name] = ends["min"], ends["max"]
    return {"numRecords": rows.num_rows, "minValues": least, "maxValues": most, "nullCount": nulls}
