"""Statements that people keep under a name: one list for an installation, in the catalog's database."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from viewbox.clock import SYSTEM_CLOCK, Clock
from viewbox.database import reader
from viewbox.errors import InvalidInput

MAX_NAME = 80
MAX_SQL = 30_000  # as long as the page's box takes
MAX_QUERIES = 200
SAVED_QUERIES = sa.table("saved_queries", *map(sa.column, ("name", "sql", "saved_at_ms")))


class SavedQuery(msgspec.Struct, frozen=True):
    """A statement under its name."""

    name: str
    sql: str
    saved_at_ms: int


class SavedQueries:
    """The list. Thread-safe; every change is one transaction."""

    def __init__(self, engine: Engine, clock: Clock = SYSTEM_CLOCK) -> None:
        self._engine = engine
        self._clock = clock

    def everything(self) -> list[SavedQuery]:
        """By name, as people sort: capitals do not matter."""
        with reader(self._engine).connect() as connection:
            rows = connection.execute(sa.select(SAVED_QUERIES)).mappings().all()
        return sorted((SavedQuery(**row) for row in rows), key=lambda one: (one.name.casefold(), one.name))

    def save(self, name: str, sql: str) -> SavedQuery:
        """Keep a statement; one of that name is replaced. Nothing is run. Raises InvalidInput."""
        saved = SavedQuery(_checked_name(name), _checked_sql(sql), self._clock.now_ms())
        with self._engine.begin() as connection:
            connection.execute(sa.delete(SAVED_QUERIES).where(SAVED_QUERIES.c.name == saved.name))
            count = connection.scalar(sa.select(sa.func.count()).select_from(SAVED_QUERIES)) or 0
            if count >= MAX_QUERIES:
                raise InvalidInput(
                    f"{MAX_QUERIES} statements are saved already", code="too_many_saved", hint="remove one first"
                )
            connection.execute(sa.insert(SAVED_QUERIES).values(**msgspec.structs.asdict(saved)))
        return saved

    def remove(self, name: str) -> None:
        """Forget a statement; one that is not there is as good as removed."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(SAVED_QUERIES).where(SAVED_QUERIES.c.name == name))


def _checked_name(name: str) -> str:
    found = name.strip()
    if not found:
        raise InvalidInput("a saved statement needs a name", hint="say what it answers, like “Views per week”")
    if len(found) > MAX_NAME or not found.isprintable():
        raise InvalidInput(
            f"the name is longer than {MAX_NAME} characters or holds some that cannot be shown", hint="choose another"
        )
    return found


def _checked_sql(sql: str) -> str:
    found = sql.strip()
    if not found:
        raise InvalidInput("there is no statement to save", hint="write one first")
    if len(found) > MAX_SQL:
        raise InvalidInput(f"the statement is longer than {MAX_SQL:,} characters", hint="save a shorter one")
    return found
