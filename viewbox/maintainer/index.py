"""DATA_DIR/index.sqlite: which (view_id, seq) the lake holds, how far each spool is drained, and the counts.

A cache of the lake with one exception: how many duplicates were seen since the lake's last commit. Delete it and
`rebuild` makes it anew. The maintainer alone writes it, in one transaction per step; anyone may read it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from viewbox.maintainer.ranges import Ranges
from viewbox.spool import connect

_SCHEMA = """
CREATE TABLE IF NOT EXISTS views (
    view_id TEXT PRIMARY KEY,
    video_id TEXT NOT NULL,
    viewer_id TEXT NOT NULL,
    seqs TEXT NOT NULL                     -- JSON: first, last, first, last, … of the stored seqs, both inclusive
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spools (
    spool_id TEXT PRIMARY KEY,             -- '' adds up the spools that are gone
    position INTEGER NOT NULL,             -- last row that is in the lake
    received INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    duplicate INTEGER NOT NULL,
    dead_lettered INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS touched (view_id TEXT PRIMARY KEY) WITHOUT ROWID;
"""
IndexedView: TypeAlias = tuple[str, str, str, str]  # view_id, video_id, viewer_id, stored seqs as JSON
GONE = ""  # the row that adds up removed spools


class Counts(msgspec.Struct, frozen=True):
    """Events by fate; `received` is counted by itself, so that the sum proves something."""

    received: int = 0
    stored: int = 0
    duplicate: int = 0
    dead_lettered: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.received + other.received,
            self.stored + other.stored,
            self.duplicate + other.duplicate,
            self.dead_lettered + other.dead_lettered,
        )


class KnownView(msgspec.Struct):
    """What is stored of a view: its owner and its seqs."""

    video_id: str
    viewer_id: str
    seqs: Ranges


class SpoolState(msgspec.Struct, frozen=True):
    position: int = 0
    counts: Counts = Counts()


class Index:
    """The open index. One thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = connect(path)
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        self._database.close()

    # --- reading -----------------------------------------------------------------------------------------

    def views(self, view_ids: Iterable[str]) -> dict[str, KnownView]:
        """Those of the views that the lake holds events of."""
        rows = self._database.execute(
            "SELECT view_id, video_id, viewer_id, seqs FROM views WHERE view_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(view_ids)),),
        )
        return {row[0]: KnownView(row[1], row[2], Ranges(json.loads(row[3]))) for row in rows}

    def spools(self) -> dict[str, SpoolState]:
        """Position and counts by spool; `GONE` adds up the removed ones."""
        return read_spools(self._database)

    def fact(self, name: str) -> int | None:
        row = self._database.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else int(row[0])

    def touched(self, limit: int) -> list[str]:
        """Views whose rollups lag behind their events, oldest view first."""
        rows = self._database.execute("SELECT view_id FROM touched ORDER BY view_id LIMIT ?", (limit,))
        return [row[0] for row in rows]

    # --- writing: each method is one transaction, on disk when it returns -----------------------------------

    def commit_step(
        self,
        *,
        views: Mapping[str, KnownView],
        spools: Mapping[str, SpoolState],
        facts: Mapping[str, int],
    ) -> None:
        """A step's outcome: stored seqs, positions with the counts up to them, and the views to roll up."""
        with self._transaction():
            self._database.executemany(
                "INSERT OR REPLACE INTO views VALUES (?, ?, ?, ?)",
                [(key, view.video_id, view.viewer_id, json.dumps(view.seqs.bounds)) for key, view in views.items()],
            )
            self._database.executemany("INSERT OR IGNORE INTO touched VALUES (?)", [(key,) for key in views])
            self._put_spools(spools)
            self._put_facts(facts)

    def commit_bulk(
        self, views: Iterable[IndexedView], *, spools: Mapping[str, SpoolState], facts: Mapping[str, int]
    ) -> int:
        """Many views that the index does not know yet, and the counts with them; returns how many views it knows then.

        Their rollups are for a full rebuild to make.
        """
        with self._transaction():
            self._database.executemany("INSERT INTO views VALUES (?, ?, ?, ?)", views)
            self._put_spools(spools)
            self._put_facts(facts)
        return int(self._database.execute("SELECT count(*) FROM views").fetchone()[0])

    def forget(self) -> None:
        """As if the file had been deleted, but for what others keep in it."""
        with self._transaction():
            for table in ("views", "spools", "facts", "touched"):
                self._database.execute(f"DELETE FROM {table}")  # noqa: S608  # names from the line above

    def commit_rollup(self, view_ids: Sequence[str], facts: Mapping[str, int]) -> None:
        """These views' rollups have caught up."""
        with self._transaction():
            self._database.executemany("DELETE FROM touched WHERE view_id = ?", [(key,) for key in view_ids])
            self._put_facts(facts)

    def commit_full(self, facts: Mapping[str, int]) -> None:
        """All rollups have caught up with what the lake holds."""
        with self._transaction():
            self._database.execute("DELETE FROM touched")
            self._put_facts(facts)

    def commit_facts(self, facts: Mapping[str, int]) -> None:
        with self._transaction():
            self._put_facts(facts)

    def retire(self, spool_id: str) -> None:
        """Add a spool's counts to those that are gone; its file may be removed then."""
        spools = self.spools()
        if spool_id in spools:
            gone = spools.get(GONE, SpoolState()).counts + spools[spool_id].counts
            with self._transaction():
                self._database.execute("DELETE FROM spools WHERE spool_id = ?", (spool_id,))
                self._put_spools({GONE: SpoolState(0, gone)})

    def _put_spools(self, spools: Mapping[str, SpoolState]) -> None:
        self._database.executemany(
            "INSERT OR REPLACE INTO spools VALUES (?, ?, ?, ?, ?, ?)",
            [(key, state.position, *msgspec.structs.astuple(state.counts)) for key, state in spools.items()],
        )

    def _put_facts(self, facts: Mapping[str, int]) -> None:
        self._database.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", list(facts.items()))

    def _transaction(self) -> _Transaction:
        return _Transaction(self._database)


class _Transaction:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self._database.execute("COMMIT" if kind is None else "ROLLBACK")


def read_spools(database: sqlite3.Connection) -> dict[str, SpoolState]:
    rows = database.execute("SELECT spool_id, position, received, stored, duplicate, dead_lettered FROM spools")
    return {row[0]: SpoolState(row[1], Counts(*row[2:])) for row in rows}
