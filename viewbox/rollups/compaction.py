"""Folding: what later steps superseded leaves the derived tables.

Of `views` and `intervals` only the newest version of each view stays; deltas of `seconds` become their sums. A
partition is folded when it has doubled since it was folded last, so the work of folding follows the work of writing,
and once more when its day has closed. In between small files are merged as they are.
"""

from __future__ import annotations

from datetime import date

import duckdb
import msgspec

from viewbox.engine.sources import file_source
from viewbox.engine.views import model
from viewbox.lake.compaction import compact, vacuum
from viewbox.rollups.ledger import Ledger
from viewbox.rollups.published import DERIVED_TABLES, Published
from viewbox.tables import arrow_schema

SLACK_ROWS = 20_000  # partitions smaller than this are not worth folding while their day is open
CLOSED_AFTER_DAYS = 2  # until then late events still trickle in
_KEPT = {"views": "analyst/newest_views.sql", "intervals": "analyst/intervals.sql", "seconds": "analyst/seconds.sql"}


class Extent(msgspec.Struct, frozen=True):
    """Rows and files of one partition."""

    day: date
    rows: int
    files: int


def needs_folding(extent: Extent, folded_rows: int | None, today: date) -> bool:
    """`folded_rows`: what the partition held after it was folded last; None when it never was."""
    if extent.rows > 2 * (folded_rows or 0) + SLACK_ROWS:
        return True
    closed = (today - extent.day).days >= CLOSED_AFTER_DAYS
    return closed and extent.files > 1 and extent.rows > (folded_rows or 0)


def keep_house(published: Published, ledger: Ledger, today: date, *, at_most: int) -> int:
    """Fold and merge a few partitions of each table; returns how many. Only between steps."""
    done = 0
    for name in DERIVED_TABLES:
        known = ledger.folded(name)
        due = [extent for extent in extents(published, name) if needs_folding(extent, known.get(extent.day), today)]
        for extent in sorted(due, key=lambda extent: extent.rows, reverse=True)[:at_most]:
            ledger.put_folded(name, extent.day, fold(published, name, extent.day))
            done += 1
        done += compact(published.tables[name], today, note={}, at_most=at_most)
    return done


def tidy(published: Published) -> None:
    """Delete files that no recent snapshot names."""
    for table in published.tables.values():
        vacuum(table)


def extents(published: Published, name: str) -> list[Extent]:
    actions = published.tables[name].delta.get_add_actions(flatten=True)
    rows: dict[date, int] = {}
    files: dict[date, int] = {}
    for day, count in zip(actions["partition.dt"].to_pylist(), actions["num_records"].to_pylist(), strict=True):
        rows[day] = rows.get(day, 0) + count
        files[day] = files.get(day, 0) + 1
    return [Extent(day, rows[day], files[day]) for day in rows]


def fold(published: Published, name: str, day: date) -> int:
    """Rewrite one partition with what readers see of it; returns how many rows that is."""
    schema = arrow_schema(name)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for table in {name, "views"} if name != "seconds" else {name}:
            _stand_in(connection, published, table, name, day)
        columns = ", ".join(f'"{column}"' for column in schema.names)
        kept = f"SELECT {columns} FROM ({model(_KEPT[name])}) WHERE dt = DATE '{day.isoformat()}'"  # noqa: S608  # our own names
        rows = connection.sql(kept).to_arrow_table().cast(schema)
    published.replace_day(name, day, rows)
    return int(rows.num_rows)


def _stand_in(connection: duckdb.DuckDBPyConnection, published: Published, table: str, folded: str, day: date) -> None:
    """`lake_<table>` with the rows that decide on one partition of `folded`.

    For versions that is every row of the partition's views, wherever it lies: a view that moved to another day has
    its newest version there.
    """
    condition = f"dt = DATE '{day.isoformat()}'"
    if table == "views":
        bounds = published.view_id_bounds(folded, day)
        condition = f"view_id BETWEEN '{bounds[0]}' AND '{bounds[1]}'"
    files = tuple(published.tables[table].delta.file_uris())
    if not files:
        connection.register(f"lake_{table}", arrow_schema(table).empty_table())
        return
    connection.execute(f"CREATE VIEW lake_{table} AS {file_source(table, files)} WHERE {condition}")
