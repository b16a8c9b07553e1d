"""The catalog database: one SQLAlchemy engine, migrated on opening. SQLite (WAL) or PostgreSQL, the same SQL."""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from viewbox.errors import SetupError

BUSY_TIMEOUT_S = 30  # a writer waits this long for another one; commits here take milliseconds


def open_database(url: str) -> Engine:
    """An engine on an up-to-date schema. Safe to call from several processes at once.

    Raises SetupError when the database cannot be opened.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(
            parsed,
            connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        )
        sa.event.listen(engine, "connect", _tune_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = sa.create_engine(parsed, pool_pre_ping=True)
    try:
        _migrate(engine)
    except sa.exc.OperationalError as error:
        raise SetupError(
            f"the catalog database cannot be opened: {error.orig}",
            hint="check VIEWBOX_DATABASE_URL and VIEWBOX_DATA_DIR",
        ) from error
    return engine


def _tune_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's "begin" listener starts transactions, not the driver
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: sa.Connection) -> None:
    """Take the write lock when a transaction begins, so that two writers queue instead of failing midway.

    Connections opened by `reader(engine)` read outside any transaction and wait for nobody.
    """
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def reader(engine: Engine) -> Engine:
    """The same pool for single SELECT statements: no transaction, no lock."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


class ChangeWatch:
    """Tells in microseconds whether anybody wrote to a database since it was last asked. Thread-safe in SQLite's own
    way: one statement on one connection.
    """

    def __init__(self, engine: Engine) -> None:
        database = engine.url.database
        self._connection = (
            sqlite3.connect(database, check_same_thread=False)
            if engine.dialect.name == "sqlite" and database and database != ":memory:"
            else None
        )

    def stamp(self) -> int | None:
        """A number that differs after each commit of any other connection; None where the database has none."""
        if self._connection is None:
            return None
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return int(version)


def _migrate(engine: Engine) -> None:
    scripts = sorted(
        (item for item in (resources.files("viewbox") / "sql" / "catalog").iterdir() if item.name.endswith(".sql")),
        key=lambda item: item.name,
    )
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7246812)"))  # one migrator at a time
        connection.execute(
            sa.text(
                "CREATE TABLE IF NOT EXISTS migrations"
                " (name TEXT PRIMARY KEY, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)"
            )
        )
        applied = set(connection.scalars(sa.text("SELECT name FROM migrations")))
        for script in scripts:
            if script.name in applied:
                continue
            for statement in _statements(script.read_text(encoding="utf-8")):
                connection.execute(sa.text(statement))
            connection.execute(sa.text("INSERT INTO migrations (name) VALUES (:name)"), {"name": script.name})


def _statements(script: str) -> list[str]:
    """The statements of a migration; its comments hold no semicolon, its literals neither."""
    lines = [line.split("--", 1)[0] for line in script.splitlines()]
    return [part.strip() for part in "\n".join(lines).split(";") if part.strip()]
