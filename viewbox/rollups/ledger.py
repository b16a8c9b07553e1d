"""What the rollup remembers between refreshes: its tables in DATA_DIR/index.sqlite.

`rollup_views` holds a row per view: when silence closes it, what duration it reports, how far it reached, where its
published row lies. `rollup_durations` holds the duration and number of slices each revision was computed with.
`rollup_step` holds the one step that may be unfinished, with its inputs. All of it can be made anew from the events.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from viewbox.spool import connect

Revision = tuple[str, int]  # video_id, revision

_SCHEMA = """
CREATE TABLE IF NOT EXISTS rollup_views (
    view_id TEXT PRIMARY KEY,
    video_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    reported_duration_s REAL,
    max_position_s REAL NOT NULL,
    is_valid INTEGER NOT NULL,
    due_ms INTEGER,                        -- silence closes the view then; null: closed
    dt TEXT                                -- partition of the published row; null: none yet
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rollup_views_by_video ON rollup_views (video_id, revision);
CREATE INDEX IF NOT EXISTS rollup_views_due ON rollup_views (due_ms) WHERE due_ms IS NOT NULL;
CREATE TABLE IF NOT EXISTS rollup_durations (
    video_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    duration_s REAL,                       -- null: not known, slices follow the furthest valid view
    slices INTEGER NOT NULL,
    PRIMARY KEY (video_id, revision)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rollup_step (
    step INTEGER NOT NULL,                 -- one row: the newest step
    kind TEXT NOT NULL,                    -- refresh or full
    now_ms INTEGER NOT NULL,
    done INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS rollup_touched (view_id TEXT PRIMARY KEY) WITHOUT ROWID;  -- the newest step's input
CREATE TABLE IF NOT EXISTS rollup_waiting (view_id TEXT PRIMARY KEY) WITHOUT ROWID;  -- input of steps to come
CREATE TABLE IF NOT EXISTS rollup_poison (view_id TEXT PRIMARY KEY, error TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rollup_synced (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rollup_folded (
    name TEXT NOT NULL,
    dt TEXT NOT NULL,
    rows INTEGER NOT NULL,                 -- of the partition, after it was folded last
    PRIMARY KEY (name, dt)
) WITHOUT ROWID;
"""


class Step(msgspec.Struct, frozen=True):
    """A numbered refresh with its recorded inputs; `number` is the `version` of the rows it writes."""

    number: int
    kind: Literal["refresh", "full"]
    now_ms: int
    done: bool


class ViewFacts(msgspec.Struct, frozen=True):
    """A row of sql/models/view_facts.sql."""

    view_id: str
    video_id: str
    revision: int
    reported_duration_s: float | None
    max_position_s: float
    is_valid: bool
    due_ms: int | None


class Length(msgspec.Struct, frozen=True):
    """A revision's duration, as far as known, and its number of one-second slices."""

    duration_s: float | None
    slices: int


class Ledger:
    """One thread, one process: the holder of the maintainer's lock."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = connect(path)
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and on disk at the end."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    # --- steps -------------------------------------------------------------------------------------------

    def step(self) -> Step | None:
        row = self._database.execute("SELECT step, kind, now_ms, done FROM rollup_step").fetchone()
        return None if row is None else Step(row[0], row[1], row[2], bool(row[3]))

    def begin_step(self, number: int, kind: Literal["refresh", "full"], now_ms: int, touched: Iterable[str]) -> Step:
        """Record a step's inputs. In a transaction of the caller's."""
        self._database.execute("DELETE FROM rollup_step")
        self._database.execute("INSERT INTO rollup_step VALUES (?, ?, ?, 0)", (number, kind, now_ms))
        self._database.execute("DELETE FROM rollup_touched")
        self._add("rollup_touched", touched)
        return Step(number, kind, now_ms, done=False)

    def touched(self) -> list[str]:
        """The newest step's views."""
        return _column(self._database.execute("SELECT view_id FROM rollup_touched ORDER BY view_id"))

    def end_step(self, published: Mapping[str, date], synced: Mapping[str, int]) -> None:
        """The step is in all tables and on disk: where its rows lie, and the version of each table."""
        with self.transaction():
            self._database.executemany(
                "UPDATE rollup_views SET dt = ? WHERE view_id = ?",
                [(day.isoformat(), view_id) for view_id, day in published.items()],
            )
            self._database.executemany("INSERT OR REPLACE INTO rollup_synced VALUES (?, ?)", list(synced.items()))
            self._database.execute("UPDATE rollup_step SET done = 1")

    def synced(self, table: str) -> int:
        """The last version of a table that is known to be on disk."""
        row = self._database.execute("SELECT version FROM rollup_synced WHERE name = ?", (table,)).fetchone()
        return 0 if row is None else int(row[0])

    def put_synced(self, versions: Mapping[str, int]) -> None:
        with self.transaction():
            self._database.executemany("INSERT OR REPLACE INTO rollup_synced VALUES (?, ?)", list(versions.items()))

    def folded(self, table: str) -> dict[date, int]:
        """Rows of each partition after it was folded last."""
        rows = self._database.execute("SELECT dt, rows FROM rollup_folded WHERE name = ?", (table,))
        return {date.fromisoformat(row[0]): row[1] for row in rows}

    def put_folded(self, table: str, day: date, rows: int) -> None:
        self._database.execute("INSERT OR REPLACE INTO rollup_folded VALUES (?, ?, ?)", (table, day.isoformat(), rows))

    # --- views that wait for a step ------------------------------------------------------------------------

    def wait(self, view_ids: Iterable[str]) -> None:
        """Put views in line. In a transaction of the caller's."""
        self._add("rollup_waiting", view_ids)

    def waiting(self, limit: int) -> list[str]:
        return _column(self._database.execute("SELECT view_id FROM rollup_waiting ORDER BY view_id LIMIT ?", (limit,)))

    def unwait(self, view_ids: Iterable[str]) -> None:
        self._database.executemany("DELETE FROM rollup_waiting WHERE view_id = ?", ((key,) for key in view_ids))

    def clear_waiting(self) -> None:
        self._database.execute("DELETE FROM rollup_waiting")

    def due(self, now_ms: int) -> list[str]:
        """Open views that silence has closed by now."""
        return _column(self._database.execute("SELECT view_id FROM rollup_views WHERE due_ms <= ?", (now_ms,)))

    def put_poison(self, errors: Mapping[str, str]) -> None:
        """Views that no step can derive, and why."""
        with self.transaction():
            self._database.executemany("INSERT OR REPLACE INTO rollup_poison VALUES (?, ?)", list(errors.items()))
            # Not again for the passing of time: only new events may change the verdict.
            self._database.executemany(
                "UPDATE rollup_views SET due_ms = NULL WHERE view_id = ?", [(view_id,) for view_id in errors]
            )

    def poison(self) -> dict[str, str]:
        return dict(self._database.execute("SELECT view_id, error FROM rollup_poison"))

    # --- facts and durations, in a transaction of the caller's ----------------------------------------------

    def put_facts(self, facts: Iterable[ViewFacts]) -> None:
        self._database.executemany(
            "INSERT INTO rollup_views VALUES (?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (view_id) DO UPDATE SET"
            " video_id = excluded.video_id, revision = excluded.revision,"
            " reported_duration_s = excluded.reported_duration_s, max_position_s = excluded.max_position_s,"
            " is_valid = excluded.is_valid, due_ms = excluded.due_ms",
            [msgspec.structs.astuple(fact) for fact in facts],
        )

    def forget_views(self) -> None:
        """Before a full rebuild writes all of them anew."""
        for table in ("rollup_views", "rollup_durations", "rollup_poison", "rollup_folded"):
            self._database.execute(f"DELETE FROM {table}")  # noqa: S608  # names from the line above

    def published_days(self, view_ids: Collection[str]) -> set[date]:
        """Partitions that hold the rows of these views."""
        rows = self._database.execute(
            "SELECT DISTINCT dt FROM rollup_views WHERE dt IS NOT NULL AND view_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(view_ids)),),
        )
        return {date.fromisoformat(row[0]) for row in rows}

    def revisions_of(self, view_ids: Collection[str]) -> set[Revision]:
        rows = self._database.execute(
            "SELECT DISTINCT video_id, revision FROM rollup_views WHERE view_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(view_ids)),),
        )
        return {(row[0], row[1]) for row in rows}

    def views_of(self, revision: Revision) -> list[str]:
        return _column(
            self._database.execute("SELECT view_id FROM rollup_views WHERE video_id = ? AND revision = ?", revision)
        )

    def reported_duration(self, revision: Revision) -> float | None:
        """The duration that most views of a revision report; of several, the longest."""
        row = self._database.execute(
            "SELECT reported_duration_s FROM rollup_views WHERE video_id = ? AND revision = ?"
            " AND reported_duration_s IS NOT NULL GROUP BY reported_duration_s"
            " ORDER BY count(*) DESC, reported_duration_s DESC LIMIT 1",
            revision,
        ).fetchone()
        return None if row is None else float(row[0])

    def furthest_position(self, revision: Revision) -> float:
        """The largest position that a valid view of a revision reached; 0 without one."""
        row = self._database.execute(
            "SELECT max(max_position_s) FROM rollup_views WHERE video_id = ? AND revision = ? AND is_valid", revision
        ).fetchone()
        return float(row[0] or 0.0)

    def lengths(self) -> dict[Revision, Length]:
        """What every revision with views was computed with."""
        rows = self._database.execute("SELECT video_id, revision, duration_s, slices FROM rollup_durations")
        return {(row[0], row[1]): Length(row[2], row[3]) for row in rows}

    def put_lengths(self, lengths: Mapping[Revision, Length]) -> None:
        self._database.executemany(
            "INSERT OR REPLACE INTO rollup_durations VALUES (?, ?, ?, ?)",
            [(*revision, length.duration_s, length.slices) for revision, length in lengths.items()],
        )

    def all_revisions(self) -> set[Revision]:
        return set(self._database.execute("SELECT DISTINCT video_id, revision FROM rollup_views"))

    def _add(self, table: str, view_ids: Iterable[str]) -> None:
        rows: Sequence[tuple[str]] = [(view_id,) for view_id in view_ids]
        self._database.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?)", rows)  # noqa: S608  # our own names


def _column(cursor: sqlite3.Cursor) -> list[str]:
    return [row[0] for row in cursor]
