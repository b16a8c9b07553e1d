"""The analysts' views: sql/models/analyst/*.sql, each cut to the contract's columns; one definition everywhere."""

from __future__ import annotations

from functools import cache
from importlib import resources

from viewbox.tables import TABLES, Column

# Metrics read these beside the contract's tables; no list of tables names them.
UNLISTED = ("newest_views", "days", "revision_lengths", "second_deltas")
# In the order in which one needs the other.
_INNER = (*UNLISTED, "marks")


@cache
def model(path: str) -> str:
    """The text of one file below sql/models."""
    return (resources.files("viewbox") / "sql" / "models" / path).read_text(encoding="utf-8")


@cache
def view_definitions() -> tuple[str, ...]:
    """Statements that turn the sources (`viewbox.engine.sources`) into the tables of the contract.

    They hold no path and no setting, and run wherever the sources are registered.
    """
    statements = [f"CREATE VIEW {name} AS {model(f'analyst/{name}.sql')}" for name in _INNER]
    for table in TABLES.values():
        columns = ", ".join(map(_projected, table.columns))
        projection = f"SELECT {columns} FROM ({model(f'analyst/{table.name}.sql')})"  # noqa: S608  # our own files
        statements.append(f"CREATE VIEW {table.name} AS {projection} AS {table.name}")
    return tuple(statements)


@cache
def comments() -> tuple[str, ...]:
    """Statements that write the data dictionary onto the views, for tools that show a database's comments."""
    statements = []
    for table in TABLES.values():
        statements.append(f"COMMENT ON VIEW {table.name} IS '{_quoted(f'one row: {table.grain}')}'")
        for column in table.columns:
            words = column.meaning if not column.unit else f"{column.meaning} [{column.unit}]"
            statements.append(f"COMMENT ON COLUMN {table.name}.{column.name} IS '{_quoted(words)}'")
    return tuple(statements)


def _projected(column: Column) -> str:
    name = f'"{column.name}"'
    return f"CAST({name} AS JSON) AS {name}" if column.type == "JSON" else name


def _quoted(words: str) -> str:
    return words.replace("'", "''")
