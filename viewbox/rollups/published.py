"""The derived Delta tables as their writer sees them: commits that carry a step, and rows of earlier steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import duckdb
import pyarrow as pa
from deltalake import CommitProperties, Transaction, write_deltalake

from viewbox.engine.snapshot import ROLLUP_APP
from viewbox.engine.sources import file_source
from viewbox.lake.table import WRITER, LakeTable
from viewbox.rollups.derive import dates, one_of
from viewbox.tables import arrow_schema

DERIVED_TABLES = ("views", "intervals", "seconds")  # in the order of their commits; readers rely on `seconds` last


class Published:
    """`views`, `intervals` and `seconds` of one lake. One process at a time holds one of these."""

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

    def replace_all(self, name: str, rows: pa.RecordBatchReader, step: int) -> None:
        """Let a table hold these rows and nothing else."""
        properties = CommitProperties(app_transactions=[Transaction(ROLLUP_APP, step)])
        table = self.tables[name].delta
        write_deltalake(table, rows, mode="overwrite", writer_properties=WRITER, commit_properties=properties)

    def replace_day(self, name: str, day: date, rows: pa.Table) -> None:
        """Let one partition hold these rows and nothing else."""
        write_deltalake(
            self.tables[name].delta,
            rows,
            mode="overwrite",
            predicate=f"dt = '{day.isoformat()}'",
            writer_properties=WRITER,
        )

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

    def before(self, step: int, view_ids: Collection[str], days: Collection[date]) -> tuple[pa.Table, pa.Table]:
        """Rows of `views` and `intervals` as they were published before a step, for views that lie in these days."""
        if not days:
            return arrow_schema("views").empty_table(), arrow_schema("intervals").empty_table()
        views = self._read(
            "views",
            f"SELECT * FROM stored WHERE dt IN ({dates(days)}) AND version < $step AND {one_of(view_ids)}"  # noqa: S608  # our own literals
            " QUALIFY version = max(version) OVER (PARTITION BY view_id)",
            {"step": step},
        )
        intervals = self._read(
            "intervals",
            "SELECT stored.* FROM stored SEMI JOIN newest USING (view_id, version) WHERE "  # noqa: S608  # our own literals
            f"dt IN ({dates(days)}) AND {one_of(view_ids)}",
            {},
            newest=views.select(["view_id", "version"]),
        )
        return views, intervals

    def _read(self, name: str, sql: str, params: Mapping[str, object], newest: pa.Table | None = None) -> pa.Table:
        schema = arrow_schema(name)
        table = self.tables[name].delta
        files = tuple(table.file_uris())
        if not files:
            return schema.empty_table()
        with self._duckdb.cursor() as connection:
            if newest is not None:
                connection.register("newest", newest)
            if self.tables[name].path is None:
                connection.register("stored", table.to_pyarrow_dataset())
            else:
                connection.execute(f"CREATE TEMP VIEW stored AS {file_source(name, files)}")
            rows = connection.sql(sql, params=dict(params) or None).to_arrow_table()
        return rows.select(schema.names).cast(schema)
