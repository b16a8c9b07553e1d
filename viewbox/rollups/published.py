"""The derived Delta tables as their writer sees them: commits that carry a step, and rows of earlier steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import Schema

from viewbox.engine.snapshot import ROLLUP_APP
from viewbox.engine.sources import file_source
from viewbox.lake.files import DataFile, commit_files, write_data_file
from viewbox.lake.table import LakeTable
from viewbox.rollups.derive import dates, one_of
from viewbox.tables import arrow_schema

# In the order of their commits; readers rely on `seconds` last.
DERIVED_TABLES = ("views", "intervals", "days", "seconds")
# How folded files are sorted, and how many rows a reader that wants one video has to take at once.
SORTED_BY = {
    "views": ("video_id", "started_at", "view_id"),
    "intervals": ("video_id", "view_id", "seq"),
    "days": ("video_id", "revision", "synthetic"),
    "seconds": ("video_id", "revision", "synthetic", "second"),
}
ROW_GROUP_ROWS = {"views": 16_384, "intervals": 65_536, "days": 65_536, "seconds": 65_536}


def write_day_files(lake: str, name: str, rows: pa.Table) -> list[DataFile]:
    """Write rows of a derived table into a data file for each of their days, sorted for its readers."""
    places = sorted_places(rows, ("dt", *SORTED_BY[name]))
    ordered = rows if np.array_equal(places, np.arange(len(places))) else rows.take(pa.array(places))
    days, counts = ordered["dt"].value_counts().flatten()  # in the order in which they come first
    files = []
    start = 0
    for day, count in zip(days.to_pylist(), counts.to_pylist(), strict=True):
        of_day = ordered.slice(start, count)
        files.append(write_data_file(f"{lake}/{name}", day, of_day, row_group_rows=ROW_GROUP_ROWS[name]))
        start += count
    return files


def sorted_places(rows: pa.Table, columns: Sequence[str]) -> npt.NDArray[np.int64]:
    """The rows' places in the ascending order of some columns without nulls.

    Text is compared once per distinct value: of millions of intervals, ids are the keys, and few.
    """
    keys = []
    for column in columns:
        values = rows[column].combine_chunks()
        if pa.types.is_string(values.type):
            encoded = values.dictionary_encode()
            ranks = np.empty(len(encoded.dictionary), np.int64)
            ranks[pc.sort_indices(encoded.dictionary)] = np.arange(len(ranks))
            keys.append(ranks[encoded.indices])
        else:
            keys.append(values.to_numpy(zero_copy_only=False))
    return np.lexsort(keys[::-1])


class Published:
    """The derived tables of one lake. One process at a time holds one of these."""

    def __init__(self, root: str) -> None:
        self.tables = {name: LakeTable(root, name, arrow_schema(name), "dt") for name in DERIVED_TABLES}
        self._duckdb = duckdb.connect()  # to read back what was published
        self._duckdb.execute("SET GLOBAL TimeZone = 'UTC'")

    def close(self) -> None:
        self._duckdb.close()

    def step(self, name: str) -> int:
        """The newest step that a table holds."""
        return self.tables[name].position(ROLLUP_APP) or 0

    def append(self, name: str, rows: pa.Table, step: int) -> None:
        self.tables[name].append(rows, positions={ROLLUP_APP: step})

    def replace_all(self, name: str, files: Sequence[DataFile], step: int) -> None:
        """Let a table hold these files and nothing else."""
        table = self.tables[name]
        if self.is_of_another_make(name):
            table.make_anew()
        commit_files(table, files, positions={ROLLUP_APP: step})

    def replace_day(self, name: str, day: date, rows: pa.Table) -> None:
        """Let one partition hold these rows and nothing else."""
        table = self.tables[name]
        files = write_day_files(table.uri.removesuffix(f"/{name}"), name, rows)
        commit_files(table, files, replaced_day=day)

    def is_of_another_make(self, name: str) -> bool:
        """Whether the table on disk has other columns than this version writes: it has to be made anew."""
        stored, wanted = self.tables[name].delta.schema(), Schema.from_arrow(self.tables[name].schema)
        return {(one.name, str(one.type)) for one in stored.fields} != {
            (one.name, str(one.type)) for one in wanted.fields
        }

    def view_id_bounds(self, name: str, day: date) -> tuple[str, str]:
        """Lowest and highest view_id of a partition that is not empty."""
        files = tuple(self.tables[name].delta.file_uris())
        condition = f"dt = DATE '{day.isoformat()}'"
        with duckdb.connect() as connection:
            sql = f"SELECT min(view_id), max(view_id) FROM ({file_source(name, files)}) WHERE {condition}"  # noqa: S608  # our own files
            lowest, highest = connection.sql(sql).fetchall()[0]
        return lowest, highest

    def drop_torn_tails(self, synced: Mapping[str, int]) -> None:
        """After a power cut: take back what was never on disk."""
        for name, table in self.tables.items():
            table.drop_torn_tail(synced[name])

    def sync(self, synced: Mapping[str, int]) -> dict[str, int]:
        """Put everything after the synced versions on disk; returns the versions that are."""
        for name, table in self.tables.items():
            table.sync(synced[name])
        return {name: table.version for name, table in self.tables.items()}

    def written_by(self, name: str, step: int) -> pa.Table:
        """A table's rows of one step."""
        return self._read(name, "SELECT * FROM stored WHERE version = $step", {"step": step})

    def before(self, step: int, view_ids: Collection[str], days: Collection[date]) -> pa.Table:
        """Rows of `views` as they were published before a step, for views that lie in these days."""
        if not days:
            return arrow_schema("views").empty_table()
        return self._read(
            "views",
            f"SELECT * FROM stored WHERE dt IN ({dates(days)}) AND version < $step AND {one_of(view_ids)}"  # noqa: S608  # our own literals
            # A row that was left behind on another day stands there twice.
            " QUALIFY row_number() OVER (PARTITION BY view_id ORDER BY version DESC) = 1",
            {"step": step},
        )

    def _read(self, name: str, sql: str, params: Mapping[str, object]) -> pa.Table:
        schema = arrow_schema(name)
        table = self.tables[name].delta
        files = tuple(table.file_uris())
        if not files:
            return schema.empty_table()
        with self._duckdb.cursor() as connection:
            if self.tables[name].path is None:
                connection.register("stored", table.to_pyarrow_dataset())
            else:
                connection.execute(f"CREATE TEMP VIEW stored AS {file_source(name, files)}")
            rows = connection.sql(sql, params=dict(params) or None).to_arrow_table()
        return rows.select(schema.names).cast(schema)
