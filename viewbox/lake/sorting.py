"""A closed day of events as one file, by view and seq: a quarter smaller than in the order of arrival, as what a view
repeats stands together, and read by a rebuild as it is.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from viewbox.lake.files import FOLDED_PREFIX, DataFile, commit_files
from viewbox.lake.layout import PLAIN_NUMBERS, SORTED_BY
from viewbox.lake.table import ROW_GROUP_ROWS, LakeTable

LEVEL = 6  # of zstd: 3 is 3 % larger, 9 is 1 % smaller and takes half as long again
MEMORY = "1GB"  # for the sort; a larger day goes through the disk
_BOUNDED = ("view_id", "seq", "video_id")  # columns whose bounds in the log help to prune


def event_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A file of sorted events. The layout is the smallest of those that every reader knows and none reads slower.

    Numbers hardly repeat: a dictionary of them costs more than they do, and zstd finds what repeats by itself.
    """
    return pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=LEVEL, store_schema=False, data_page_size=8 * 1024 * 1024,
        use_dictionary=[name for name in schema.names if name not in PLAIN_NUMBERS and name != "seq"],
        column_encoding={"seq": "DELTA_BINARY_PACKED", **dict.fromkeys(PLAIN_NUMBERS, "PLAIN")},
    )  # fmt: skip


def can_sort(table: LakeTable) -> bool:
    """Whether the table has an order, and lies where DuckDB reads and spills: not in a bucket."""
    return table.name in SORTED_BY and table.path is not None


def sort_day(table: LakeTable, day: date, *, note: Mapping[str, str]) -> None:
    """Let a partition hold its rows in one sorted file. Not on disk until the table is synced."""
    assert table.path is not None
    paths = table.delta.file_uris(file_pruning_predicate=[("dt", "=", day.isoformat())])
    schema = pa.schema([field for field in table.schema if field.name != "dt"])
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    columns = ", ".join(schema.names)
    order = ", ".join(SORTED_BY[table.name])
    sql = f"SELECT {columns} FROM read_parquet([{listed}], hive_partitioning = false) ORDER BY {order}"  # noqa: S608  # our own names
    name = f"dt={day.isoformat()}/{FOLDED_PREFIX}{uuid4()}.zstd.parquet"
    path = table.path / name
    with (
        tempfile.TemporaryDirectory(dir=table.path.parent, prefix=".sorting-") as spill,
        duckdb.connect() as connection,
    ):
        connection.execute(f"SET memory_limit = '{MEMORY}'; SET temp_directory = '{spill}'")
        connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        with event_writer(path, schema) as writer:
            for batch in connection.sql(sql).to_arrow_reader(ROW_GROUP_ROWS):
                rows = pa.Table.from_batches([batch]).cast(schema)
                writer.write_table(rows, row_group_size=ROW_GROUP_ROWS)
    footer = pq.read_metadata(path)
    file = DataFile(name, day, path.stat().st_size, footer.num_rows, json.dumps(_statistics(footer)))
    commit_files(table, [file], replaced_day=day, note=note)


def _statistics(footer: pq.FileMetaData) -> dict[str, object]:
    """What the log says of the file, from the bounds of its row groups."""
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    places = {footer.schema.column(place).name: place for place in range(footer.num_columns)}
    bounds = {name: [group.column(places[name]).statistics for group in groups] for name in _BOUNDED}
    return {
        "numRecords": footer.num_rows,
        "minValues": {name: min(one.min for one in found) for name, found in bounds.items()},
        "maxValues": {name: max(one.max for one in found) for name, found in bounds.items()},
        "nullCount": dict.fromkeys(_BOUNDED, 0),
    }
