"""Rows that derived tables hold already, read from any process."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import msgspec
import pyarrow as pa
from deltalake import DeltaTable

from viewbox.engine.sources import file_source
from viewbox.rollups.derive import connect, dates, one_of
from viewbox.tables import arrow_schema


class Stored(msgspec.Struct, frozen=True):
    """One version of a derived table, by what a process needs to read it."""

    name: str
    uri: str
    version: int
    files: tuple[str, ...]


def written_by(stored: Stored, step: int) -> pa.Table:
    """A table's rows of one step."""
    return _read(stored, "SELECT * FROM stored WHERE version = $step", {"step": step})


def before(views: Stored, step: int, view_ids: Collection[str], days: Collection[date]) -> pa.Table:
    """Rows of `views` as they were published before a step, for views that lie in these days."""
    if not days or not view_ids:
        return arrow_schema("views").empty_table()
    return _read(
        views,
        f"SELECT * FROM stored WHERE dt IN ({dates(days)}) AND version < $step AND {one_of(view_ids)}"  # noqa: S608  # our own literals
        # A row that was left behind on another day stands there twice.
        " QUALIFY row_number() OVER (PARTITION BY view_id ORDER BY version DESC) = 1",
        {"step": step},
    )


def view_id_bounds(stored: Stored, day: date) -> tuple[str, str]:
    """Lowest and highest view_id of a partition that is not empty."""
    condition = f"dt = DATE '{day.isoformat()}'"
    with connect() as connection:
        sql = f"SELECT min(view_id), max(view_id) FROM ({file_source(stored.name, stored.files)}) WHERE {condition}"  # noqa: S608  # our own files
        lowest, highest = connection.sql(sql).fetchall()[0]
    return lowest, highest


def _read(stored: Stored, sql: str, params: Mapping[str, object]) -> pa.Table:
    schema = arrow_schema(stored.name)
    if not stored.files:
        return schema.empty_table()
    with connect() as connection:
        if "://" in stored.uri:
            connection.register("stored", DeltaTable(stored.uri, version=stored.version).to_pyarrow_dataset())
        else:
            connection.execute(f"CREATE TEMP VIEW stored AS {file_source(stored.name, stored.files)}")
        rows = connection.sql(sql, params=dict(params) or None).to_arrow_table()
    return rows.select(schema.names).cast(schema)
