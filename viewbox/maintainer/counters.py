"""received = stored + duplicate + dead_lettered + pending, in events, as any process can read it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from viewbox.maintainer.index import Counts, SpoolState, read_spools
from viewbox.maintainer.spools import SpoolRow
from viewbox.settings import Settings

ATTEMPTS = 20  # a drain step may fall between two reads; they are repeated then
BUSY_TIMEOUT_S = 5


def counters(settings: Settings) -> dict[str, int]:
    """Events since the beginning: received, stored, duplicate, dead_lettered, pending."""
    for _attempt in range(ATTEMPTS):
        states = spool_states(settings)
        pending = sum(_pending(path, states.get(path.stem, SpoolState()).position) for path in spool_files(settings))
        if spool_states(settings) == states:
            break
    counts = sum((state.counts for state in states.values()), Counts())
    return {
        "received": counts.received + pending,
        "stored": counts.stored,
        "duplicate": counts.duplicate,
        "dead_lettered": counts.dead_lettered,
        "pending": pending,
    }


def spool_states(settings: Settings) -> dict[str, SpoolState]:
    """Positions and counts by spool; empty before the first drain."""
    with _reading(settings.data_dir.absolute() / "index.sqlite", "spools") as database:
        return read_spools(database) if database is not None else {}


def facts(settings: Settings) -> dict[str, int]:
    """What the maintainer says of its progress: `steps` committed, `rolled_up` = the step that all tables show."""
    with _reading(settings.data_dir.absolute() / "index.sqlite", "facts") as database:
        return dict(database.execute("SELECT name, value FROM facts").fetchall()) if database is not None else {}


def spooled_to(settings: Settings) -> dict[str, int]:
    """The last row of each spool: every event acked so far lies at or before these positions."""
    ends: dict[str, int] = {}
    for path in spool_files(settings):
        with _reading(path, "rows") as database:
            if database is not None:
                ends[path.stem] = database.execute("SELECT coalesce(max(id), 0) FROM rows").fetchone()[0]
    return ends


def first_pending(path: Path, position: int) -> list[SpoolRow]:
    """The first events of a spool beyond a position; none when there are none."""
    query = "SELECT id, kind, events, payload FROM rows WHERE id > ? AND kind = 'events' ORDER BY id LIMIT 1"
    with _reading(path, "rows") as database:
        return [] if database is None else [SpoolRow(*row) for row in database.execute(query, (position,))]


def spool_files(settings: Settings) -> list[Path]:
    return sorted(settings.spool_dir.glob("*.sqlite"))


def _pending(path: Path, position: int) -> int:
    with _reading(path, "rows") as database:
        if database is None:
            return 0
        row = database.execute("SELECT coalesce(sum(events), 0) FROM rows WHERE id > ?", (position,)).fetchone()
        return int(row[0])


@contextmanager
def _reading(path: Path, table: str) -> Iterator[sqlite3.Connection | None]:
    """The database, or None when it or its table is not there (yet, or any more)."""
    try:
        database = sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S)
        known = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    except sqlite3.OperationalError:
        yield None
        return
    with closing(database):
        yield database if known else None
