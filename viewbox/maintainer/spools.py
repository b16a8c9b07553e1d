"""The maintainer's side of the spools: read what is pending, trim what is in the lake, remove what is left behind."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import msgspec

from viewbox.lake import durable
from viewbox.spool import connect, lock_file

MAX_BATCH_EVENTS = 64_000  # one Delta commit: a few MB of Parquet, some hundred MB of memory while it is made
MAX_BATCH_BYTES = 64 * 1024 * 1024  # dead letters may be 64 KiB each
TRIM_ROWS = 1_000


class SpoolRow(msgspec.Struct, frozen=True):
    id: int
    kind: str
    events: int
    payload: bytes


class Pending(msgspec.Struct, frozen=True):
    """What is spooled beyond a position."""

    rows: int
    events: int
    last_id: int


class Spools:
    """All spools of a data directory; connections stay open between steps."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, sqlite3.Connection] = {}

    def ids(self) -> list[str]:
        """Spools that exist, in an order that never changes for the same set: it decides who came first."""
        return sorted(path.stem for path in self._folder.glob("*.sqlite"))

    def take(self, positions: Mapping[str, int]) -> dict[str, list[SpoolRow]]:
        """The next rows of each spool beyond its position; a long backlog never starves a short one."""
        pending = [spool_id for spool_id in self.ids() if self._has_pending(spool_id, positions.get(spool_id, 0))]
        return {
            spool_id: self._read(
                spool_id,
                positions.get(spool_id, 0),
                max_events=MAX_BATCH_EVENTS // len(pending),
                max_bytes=MAX_BATCH_BYTES // len(pending),
            )
            for spool_id in pending
        }

    def read_range(self, spool_id: str, after: int, last: int) -> list[SpoolRow]:
        """Rows in (after, last]: the input of a step that was cut short."""
        cursor = self._database(spool_id).execute(
            "SELECT id, kind, events, payload FROM rows WHERE id > ? AND id <= ? ORDER BY id", (after, last)
        )
        return [SpoolRow(*row) for row in cursor]

    def trim(self, spool_id: str, position: int) -> None:
        """Delete what is in the lake, in small bites: the owner's next append waits for one of them at most."""
        database = self._database(spool_id)
        first = database.execute("SELECT min(id) FROM rows").fetchone()[0]
        if first is not None:
            for last in range(first + TRIM_ROWS - 1, position + TRIM_ROWS, TRIM_ROWS):
                database.execute("DELETE FROM rows WHERE id <= ?", (min(last, position),))

    def remove_if_left(self, spool_id: str) -> bool:
        """Remove an empty spool whose owner is gone; it cannot come back when this returns."""
        try:
            lock = lock_file(self._folder / f"{spool_id}.lock")
        except OSError:
            return False
        try:
            if self._has_pending(spool_id, -1):
                return False
            self._open.pop(spool_id).close()
            for path in self._folder.glob(f"{spool_id}.*"):
                path.unlink()
            durable.sync(self._folder)  # or its rows could be back after a power cut, when nobody knows their position
        finally:
            os.close(lock)
        return True

    def remove_left_drafts(self) -> None:
        """Remove spools that were never whole: their makers died before anything could be appended."""
        for draft in self._folder.glob("*.draft"):
            try:
                lock = lock_file(draft.with_suffix(".lock"))  # it is taken before there is a draft
            except OSError:
                continue
            if not draft.with_suffix(".sqlite").exists():
                for path in self._folder.glob(f"{draft.stem}.*"):
                    path.unlink()
            os.close(lock)

    def close(self) -> None:
        for database in self._open.values():
            database.close()
        self._open.clear()

    def _has_pending(self, spool_id: str, position: int) -> bool:
        query = "SELECT 1 FROM rows WHERE id > ? LIMIT 1"
        return self._database(spool_id).execute(query, (position,)).fetchone() is not None

    def _read(self, spool_id: str, position: int, *, max_events: int, max_bytes: int) -> list[SpoolRow]:
        rows: list[SpoolRow] = []
        cursor = self._database(spool_id).execute(
            "SELECT id, kind, events, payload FROM rows WHERE id > ? ORDER BY id", (position,)
        )
        for row in cursor:
            rows.append(SpoolRow(*row))
            max_events -= row[2]
            max_bytes -= len(row[3])
            if max_events <= 0 or max_bytes <= 0:
                break
        cursor.close()
        return rows

    def _database(self, spool_id: str) -> sqlite3.Connection:
        if spool_id not in self._open:
            database = connect(self._folder / f"{spool_id}.sqlite")
            # A trim that a power cut undoes is done again: the position in the index decides what is pending.
            database.execute("PRAGMA synchronous = NORMAL")
            self._open[spool_id] = database
        return self._open[spool_id]
