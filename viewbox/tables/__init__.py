"""The data dictionary: every table analysts query, its columns in order, with SQL type, unit and meaning.

One place feeds four: the analysts' views, the Arrow schemas of derived Delta tables, the comments inside DuckDB
and the SQL table `columns`. Ids are VARCHAR, `*_at` TIMESTAMPTZ (UTC), `dt` DATE.
"""

from __future__ import annotations

import pyarrow as pa

from viewbox.tables.derived import DAYS, INTERVALS, PAUSES, SECONDS, SEEKS, STALLS, VIEWER_VIDEOS, VIEWS
from viewbox.tables.kinds import ARROW_TYPES, MARK_FIELDS, Column, Table, text
from viewbox.tables.recorded import DEAD_LETTERS, ENCODES, EVENTS, VIDEOS

__all__ = [
    "INNER_TABLES",
    "MARK_FIELDS",
    "TABLES",
    "Column",
    "Table",
    "arrow_schema",
    "dictionary",
    "find_table",
    "sql_name",
]

COLUMNS = Table(
    "columns",
    "column",
    (
        text("table_name", "table"),
        text("column_name", "column"),
        text("type", "SQL type"),
        text("unit", "unit; empty where there is none"),
        text("meaning", "what it says"),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        EVENTS, VIEWS, VIEWER_VIDEOS, INTERVALS, SEEKS, STALLS, PAUSES, SECONDS, VIDEOS, DEAD_LETTERS, ENCODES, COLUMNS
    )
}  # fmt: skip

# Tables that metrics read and no list names: analysts see what they hold in other tables.
INNER_TABLES: dict[str, Table] = {DAYS.name: DAYS}


def find_table(name: str) -> Table:
    return TABLES.get(name) or INNER_TABLES[name]


def arrow_schema(name: str) -> pa.Schema:
    """What a table holds on disk, hidden columns last."""
    table = find_table(name)
    return pa.schema([pa.field(column.name, ARROW_TYPES[column.type]) for column in table.columns + table.hidden])


def dictionary() -> pa.Table:
    """The SQL table `columns`: one row per column that analysts see, in contract order."""
    rows = [
        {"table_name": table.name, "column_name": column.name, "type": sql_name(column)}
        | {"unit": column.unit, "meaning": column.meaning}
        for table in TABLES.values()
        for column in table.columns
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("columns"))


def sql_name(column: Column) -> str:
    """The type as DuckDB spells it in DESCRIBE."""
    return {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}.get(column.type, column.type)
