"""What the rollup remembers between refreshes, in DATA_DIR/index.sqlite. All of it can be made anew from the events."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from viewbox.lake.files import DataFile
from viewbox.rollups.ledger_schema import FOLLOWERS, TABLES
from viewbox.spool import connect

Revision = tuple[str, int]  # video_id, revision


class Step(msgspec.Struct, frozen=True):
    """A numbered refresh with its recorded inputs; `number` is the `version` of the rows it writes."""

    number: int
    kind: Literal["refresh", "full"]
    now_ms: int
    done: bool


# A row of sql/models/view_facts.sql.
FACTS = pa.schema([
    ("view_id", pa.string()),
    ("video_id", pa.string()),
    ("revision", pa.int64()),
    ("reported_duration_s", pa.float64()),
    ("max_position_s", pa.float64()),
    ("is_valid", pa.bool_()),
    ("due_ms", pa.int64()),
    ("dt", pa.date32()),
])  # fmt: skip


class Length(msgspec.Struct, frozen=True):
    """A revision's duration, as far as known, and its number of one-second slices."""

    duration_s: float | None
    slices: int


class Ledger:
    """One thread, one process: the holder of the maintainer's lock."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = connect(path)
        self._database.executescript(TABLES)
        self._add_followers()

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
                "INSERT OR IGNORE INTO rollup_left SELECT dt FROM rollup_views WHERE view_id = ?2 AND dt <> ?1",
                [(day.isoformat(), view_id) for view_id, day in published.items()],
            )
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

    def put_folded(self, table: str, files: Iterable[DataFile]) -> None:
        """All that a table holds is in these files, folded."""
        rows: dict[date, int] = {}
        for file in files:
            rows[file.day] = rows.get(file.day, 0) + file.rows
        for day, count in rows.items():
            self.put_folded_day(table, day, count)

    def put_folded_day(self, table: str, day: date, rows: int) -> None:
        """A partition holds so many rows and nothing but what was folded."""
        self._database.execute("INSERT OR REPLACE INTO rollup_folded VALUES (?, ?, ?)", (table, day.isoformat(), rows))

    def days_left_by(self, published: Mapping[str, date]) -> dict[str, date]:
        """Views whose published row lies on another day than this, and that day."""
        rows = self._database.execute(
            "SELECT view_id, dt FROM rollup_views JOIN json_each(?) AS now ON now.key = view_id WHERE dt <> now.value",
            (json.dumps({view_id: day.isoformat() for view_id, day in published.items()}),),
        )
        return {view_id: date.fromisoformat(day) for view_id, day in rows}

    def left_days(self) -> set[date]:
        """Partitions that hold rows of views whose newest row lies in another."""
        return {date.fromisoformat(row[0]) for row in self._database.execute("SELECT dt FROM rollup_left")}

    def forget_left_days(self) -> None:
        self._database.execute("DELETE FROM rollup_left WHERE true")  # without WHERE it writes even when there is none

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

    def put_facts(self, facts: pa.Table) -> None:
        """Remember what a table of `FACTS` says of views whose rows are not published yet, or lie where they lay."""
        self._put_facts(facts, [None] * facts.num_rows)

    @contextmanager
    def views_anew(self) -> Iterator[Callable[[pa.Table], None]]:
        """For a full rebuild: forget every view, and tell the function that is yielded of all there are, each once and
        in its `dt` already.

        Indexes are made at the end, and counts kept beside: following row by row they cost ten times as much as the
        rows.
        """
        for follower in FOLLOWERS:
            self._database.execute(f"DROP {follower}")
        forgotten = ("views", "reported", "durations", "poison", "folded", "left")
        for table in forgotten:
            self._database.execute(f"DELETE FROM rollup_{table}")  # noqa: S608  # names from the line above
        reported: Counter[tuple[str, int, float]] = Counter()

        def put(facts: pa.Table) -> None:
            self._put_facts(facts, facts["dt"].cast(pa.string()).to_pylist())
            known = facts.filter(pc.is_valid(facts["reported_duration_s"]))
            counts = known.group_by(["video_id", "revision", "reported_duration_s"]).aggregate([("view_id", "count")])
            for row in counts.to_pylist():
                reported[row["video_id"], row["revision"], row["reported_duration_s"]] += row["view_id_count"]

        yield put
        rows = [(*key, views) for key, views in reported.items()]
        self._database.executemany("INSERT INTO rollup_reported VALUES (?, ?, ?, ?)", rows)
        self._add_followers()

    def _put_facts(self, facts: pa.Table, days: Sequence[str | None]) -> None:
        whole = facts.set_column(facts.column_names.index("is_valid"), "is_valid", facts["is_valid"].cast(pa.int8()))
        columns = [whole[name].to_pylist() for name in FACTS.names[:-1]]  # sqlite3 takes a bool four times as long
        self._database.executemany(
            "INSERT INTO rollup_views VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (view_id) DO UPDATE SET"
            " video_id = excluded.video_id, revision = excluded.revision,"
            " reported_duration_s = excluded.reported_duration_s, max_position_s = excluded.max_position_s,"
            " is_valid = excluded.is_valid, due_ms = excluded.due_ms, dt = coalesce(excluded.dt, dt)",
            zip(*columns, days, strict=True),
        )

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
            "SELECT duration_s FROM rollup_reported WHERE video_id = ? AND revision = ? AND views > 0"
            " ORDER BY views DESC, duration_s DESC LIMIT 1",
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

    def _add_followers(self) -> None:
        for follower, definition in FOLLOWERS.items():
            kind, name = follower.split()
            self._database.execute(f"CREATE {kind} IF NOT EXISTS {name} {definition}")

    def _add(self, table: str, view_ids: Iterable[str]) -> None:
        rows: Sequence[tuple[str]] = [(view_id,) for view_id in view_ids]
        self._database.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?)", rows)  # noqa: S608  # our own names


def _column(cursor: sqlite3.Cursor) -> list[str]:
    return [row[0] for row in cursor]
