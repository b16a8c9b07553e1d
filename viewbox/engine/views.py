"""The analysts' views: sql/models/analyst/*.sql, each cut to the contract's columns; one definition everywhere."""

from __future__ import annotations

from functools import cache
from importlib import resources

from viewbox.tables import TABLES, Column

# Metrics read these beside the contract's tables; no list of tables names them.
UNLISTED = (
    "newest_views", "days", "real_videos", "revision_lengths", "counted_views", "counted_days", "counted_seconds",
    "bootstrap_draws",
)  # fmt: skip
# What the counted_* views are where no synthetic view has to be left out.
_UNCUT = {"counted_views": "newest_views", "counted_days": "days", "counted_seconds": "lake_seconds"}
# In the order in which one needs the other.
_INNER = (*UNLISTED, "marks")


@cache
def model(path: str) -> str:
    """The text of one file below sql/models."""
    return (resources.files("viewbox") / "sql" / "models" / path).read_text(encoding="utf-8")


@cache
def view_definitions(*, held: frozenset[str] = frozenset(), is_settled: bool = False) -> tuple[str, ...]:
    """Statements that turn the sources (`viewbox.engine.sources`) into the tables of the contract.

    They hold no path and no setting, and run wherever the sources are registered. `held` names those that become
    tables, worked out once; `is_settled` spares every question the look for newer versions where no day was written to.
    """
    texts = {name: model(f"analyst/{name}.sql") for name in _INNER}
    if is_settled:
        texts["newest_views"] = "SELECT * FROM settled_views"
    statements = [f"CREATE {'TABLE' if name in held else 'VIEW'} {name} AS {text}" for name, text in texts.items()]
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


def uncut_definitions() -> tuple[str, ...]:
    """Statements that spare every question the look for synthetic views of videos that were really watched, where
    `real_videos` says that there are none.
    """
    return tuple(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {whole}" for name, whole in _UNCUT.items())  # noqa: S608  # our own names


def _projected(column: Column) -> str:
    name = f'"{column.name}"'
    return f"CAST({name} AS JSON) AS {name}" if column.type == "JSON" else name


def _quoted(words: str) -> str:
    return words.replace("'", "''")
