"""Folding: what later steps superseded leaves the derived tables.

Of `views` and `intervals` only the newest version of each view stays; deltas of `days` and `seconds` become their sums.
A partition is folded when a quarter of it has come since it was folded last, so the work of folding follows the work of
writing, and once more when its day has closed. In between small files are merged as they are.

A day of `views` that holds folded files alone is settled: readers take its rows as they are, and all `intervals` of it.
Hence two rules. `intervals` are folded before `views` (a reader looks at them in the other order). And a day that views
have left, which holds older rows of theirs, must not be settled before the day that they are on is: it is folded first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb
import msgspec
import pyarrow as pa

from viewbox.engine.sources import file_source
from viewbox.engine.views import model
from viewbox.executor import Workforce
from viewbox.lake.compaction import compact, vacuum
from viewbox.lake.files import DataFile
from viewbox.rollups.derive import connect, work_alone_on
from viewbox.rollups.ledger import Ledger
from viewbox.rollups.published import Published, write_day_files
from viewbox.rollups.stored import Stored, view_id_bounds
from viewbox.tables import arrow_schema

SLACK_ROWS = 20_000  # fewer new rows are not worth folding while their day is open
NEW_SHARE = 0.25  # of the folded rows; beyond it new ones are folded in
POOLED_ROWS = 1_000_000  # of several days to fold at once; fewer are folded before a pool has started
CLOSED_AFTER_DAYS = 2  # until then late events still trickle in
TOGETHER = (("intervals", "views"), ("days",), ("seconds",))  # tables that are folded by the day, in this order


class Folding(msgspec.Struct, frozen=True):
    """A day of tables that are folded together, as they were when folding began."""

    names: tuple[str, ...]
    day: date
    lake: str
    tables: dict[str, Stored]
    cores: int | None


class Extent(msgspec.Struct, frozen=True):
    """Rows and files of one partition."""

    day: date
    rows: int
    files: int


def needs_folding(extent: Extent, folded_rows: int, today: date) -> bool:
    """`folded_rows`: what the partition held after it was folded last."""
    fresh = extent.rows - folded_rows
    if fresh > max(SLACK_ROWS, NEW_SHARE * folded_rows):
        return True
    closed = (today - extent.day).days >= CLOSED_AFTER_DAYS
    return closed and extent.files > 1 and fresh > 0


def keep_house(published: Published, ledger: Ledger, workforce: Workforce, today: date, *, at_most: int) -> int:
    """Fold and merge a few partitions of each table; returns how many. Only between steps."""
    done = _fold(published, ledger, workforce, TOGETHER[0], sorted(ledger.left_days()))
    ledger.forget_left_days()
    for names in TOGETHER:
        done += _fold(published, ledger, workforce, names, _due(published, ledger, names, today)[:at_most])
        for name in names:
            done += compact(published.tables[name], today, note={}, at_most=at_most)
    return done


def _fold(
    published: Published, ledger: Ledger, workforce: Workforce, names: tuple[str, ...], days: Sequence[date]
) -> int:
    """Fold these days of these tables, each day through the executor, and commit them in their order."""
    if not days:
        return 0
    rows = sum(extent.rows for name in names for extent in extents(published, name) if extent.day in days)
    with workforce.executor(worth_a_pool=len(days) > 1 and rows >= POOLED_ROWS) as executor:
        needed = {name: published.stored(name) for name in {*names, "views"}}
        tasks = [Folding(names, day, published.root, needed, executor.cores) for day in days]
        for day, files in zip(days, executor.map(fold, tasks), strict=True):
            for name in names:
                published.replace_day(name, day, files[name])
                ledger.put_folded_day(name, day, sum(file.rows for file in files[name]))
    return len(days) * len(names)


def _due(published: Published, ledger: Ledger, names: tuple[str, ...], today: date) -> list[date]:
    """Days of these tables that are worth folding, the largest first."""
    rows: dict[date, int] = {}
    for name in names:
        known = ledger.folded(name)
        for extent in extents(published, name):
            if needs_folding(extent, known.get(extent.day, 0), today):
                rows[extent.day] = max(extent.rows, rows.get(extent.day, 0))
    return sorted(rows, key=lambda day: rows[day], reverse=True)


def tidy(published: Published) -> None:
    """Delete files that no recent snapshot names, and log entries that nobody needs. Only while all is on disk."""
    for table in published.tables.values():
        vacuum(table)
        table.forget_expired()


def extents(published: Published, name: str) -> list[Extent]:
    actions = published.tables[name].delta.get_add_actions(flatten=True)
    rows: dict[date, int] = {}
    files: dict[date, int] = {}
    for day, count in zip(actions["partition.dt"].to_pylist(), actions["num_records"].to_pylist(), strict=True):
        rows[day] = rows.get(day, 0) + count
        files[day] = files.get(day, 0) + 1
    return [Extent(day, rows[day], files[day]) for day in rows]


def fold(task: Folding) -> dict[str, list[DataFile]]:
    """Write files with what readers see of one partition of each table; they take its place once they are committed."""
    if task.cores:
        work_alone_on(task.cores)
    return {name: write_day_files(task.lake, name, _rows_kept(task, name)) for name in task.names}


def _rows_kept(task: Folding, name: str) -> pa.Table:
    schema = arrow_schema(name)
    with connect() as connection:
        for table in {name, "views"} if name in TOGETHER[0] else {name}:
            _stand_in(connection, task, table, name)
        columns = ", ".join(f'"{column}"' for column in schema.names)
        kept = f"SELECT {columns} FROM ({_kept(name)}) WHERE dt = DATE '{task.day.isoformat()}'"  # noqa: S608  # our own names
        return connection.sql(kept).to_arrow_table().cast(schema)


def _kept(name: str) -> str:
    """What readers see of a table, hidden columns included."""
    if name == "days":
        return model("days_kept.sql")
    return model("analyst/newest_views.sql" if name == "views" else f"analyst/{name}.sql")


def _stand_in(connection: duckdb.DuckDBPyConnection, task: Folding, table: str, folded: str) -> None:
    """The sources of the analysts' view of `table`, with the rows that decide on one partition of `folded`.

    For versions that is every row of the partition's views, wherever it lies: a view that moved to another day has
    its newest version there.
    """
    condition = f"dt = DATE '{task.day.isoformat()}'"
    if table == "views":
        lowest, highest = view_id_bounds(task.tables[folded], task.day)
        condition = f"view_id BETWEEN '{lowest}' AND '{highest}'"
    files = task.tables[table].files
    source = f"{'touched' if table in TOGETHER[0] else 'lake'}_{table}"
    connection.register("nothing", arrow_schema(table).empty_table())
    connection.execute(f"CREATE TEMP TABLE settled_{table} AS FROM nothing")
    if files:
        connection.execute(f"CREATE TEMP VIEW {source} AS {file_source(table, files)} WHERE {condition}")
    else:
        connection.execute(f"CREATE TEMP TABLE {source} AS FROM nothing")
    connection.unregister("nothing")
