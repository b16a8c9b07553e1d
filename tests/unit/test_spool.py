"""The spool: nobody is told "on disk" before it is, and a failing disk is never believed again."""

from __future__ import annotations

import functools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

import viewbox.spool
from tests.messages import START_MS, NoRollups, door, play, settings_in, wire
from tests.support import until
from viewbox.errors import Overloaded, SetupError
from viewbox.maintainer import Maintainer, counters
from viewbox.maintainer.spools import Spools
from viewbox.spool import MIN_FREE_BYTES, Row, Spool, SpoolBroken

real_connect = viewbox.spool.connect
ROW = Row("events", 2, b"payload")


class WatchedDatabase:
    """A connection whose COMMITs can be held up or made to fail."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self.commits = 0
        self.may_commit = threading.Event()
        self.may_commit.set()
        self.failure: sqlite3.Error | None = None

    def execute(self, sql: str, parameters: tuple[object, ...] = ()) -> sqlite3.Cursor:
        if sql == "COMMIT":
            self.commits += 1
            self.may_commit.wait(10)
            if self.failure is not None:
                raise self.failure
        return self._database.execute(sql, parameters)

    def __getattr__(self, name: str) -> object:
        return getattr(self._database, name)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], WatchedDatabase]]:
    made: list[WatchedDatabase] = []

    def connect(path: Path) -> object:
        database = real_connect(path)
        if path.suffix == ".draft":
            return database
        made.append(WatchedDatabase(database))
        return made[-1]

    monkeypatch.setattr(viewbox.spool, "connect", connect)
    yield lambda: made[-1]
    for each in made:
        each.may_commit.set()


def failed(code: int, words: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


def has_waiting(spool: Spool, batches: int) -> bool:
    return len(spool._waiting) == batches


def stored(folder: Path) -> int:
    with closing(Spools(folder)) as spools:
        return sum(row.events for taken in spools.take({}).values() for row in taken)


def test_a_commit_is_an_fsync(tmp_path: Path):
    with closing(real_connect(tmp_path / "some.sqlite")) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL: WAL is synced at each commit


def test_nobody_gets_an_ack_before_the_commit_returned(tmp_path: Path, database: Callable[[], WatchedDatabase]):
    settings = settings_in(tmp_path)
    with ThreadPoolExecutor() as threads, door(settings) as intake:
        database().may_commit.clear()
        answer = threads.submit(intake.accept, [wire(play())], received_at_ms=START_MS)
        until(lambda: database().commits == 1)
        assert not answer.done()
        database().may_commit.set()

        assert len(answer.result(10)) == 1


def test_callers_that_come_during_a_commit_share_the_next_one(tmp_path: Path, database: Callable[[], WatchedDatabase]):
    with Spool(tmp_path) as spool, ThreadPoolExecutor(21) as threads:
        database().may_commit.clear()
        callers = [threads.submit(spool.append, [ROW])]
        until(lambda: database().commits == 1)
        callers += [threads.submit(spool.append, [ROW]) for _ in range(20)]
        until(lambda: len(spool._waiting) == 20)
        database().may_commit.set()
        for caller in callers:
            caller.result(10)

        assert database().commits == 2
        assert stored(tmp_path) == 42


@pytest.mark.parametrize(
    ("sizes", "commits"), [([400, 400, 200], 2), ([400, 400, 201], 3), ([5_000, 1, 1], 3), ([600, 600, 600], 4)]
)
def test_a_group_is_bounded_and_keeps_the_order(
    tmp_path: Path,
    database: Callable[[], WatchedDatabase],
    monkeypatch: pytest.MonkeyPatch,
    sizes: list[int],
    commits: int,
):
    monkeypatch.setattr(viewbox.spool, "MAX_GROUP_BYTES", 1_000)
    with Spool(tmp_path) as spool, ThreadPoolExecutor(9) as threads:
        database().may_commit.clear()
        callers = [threads.submit(spool.append, [ROW])]
        until(lambda: database().commits == 1)
        for number, size in enumerate(sizes):
            callers.append(threads.submit(spool.append, [Row("events", 1, bytes([number]) * size)]))
            until(functools.partial(has_waiting, spool, number + 1))
        database().may_commit.set()
        for caller in callers:
            caller.result(10)

        assert database().commits == commits
        with closing(Spools(tmp_path)) as spools:
            assert [len(row.payload) for row in spools.take({})[spool.id]] == [len(ROW.payload), *sizes]


def test_after_an_i_o_error_nothing_is_acked_any_more(tmp_path: Path, database: Callable[[], WatchedDatabase]):
    told: list[str] = []
    with Spool(tmp_path, on_broken=lambda: told.append("broken")) as spool:
        database().failure = failed(sqlite3.SQLITE_IOERR_FSYNC, "disk I/O error")
        with pytest.raises(SpoolBroken):
            spool.append([ROW])
        database().failure = None
        with pytest.raises(SpoolBroken):
            spool.append([ROW])

        assert spool.broken
        assert told == ["broken"]


def test_a_full_disk_refuses_and_recovers(tmp_path: Path, database: Callable[[], WatchedDatabase]):
    with Spool(tmp_path) as spool:
        database().failure = failed(sqlite3.SQLITE_FULL, "database or disk is full")
        with pytest.raises(Overloaded):
            spool.append([ROW])
        database().failure = None
        spool.append([ROW])

        assert stored(tmp_path) == 2
        assert not spool.broken


def test_space_is_refused_before_it_runs_out(tmp_path: Path):
    with Spool(tmp_path, free_bytes=lambda _folder: MIN_FREE_BYTES - 1) as spool:
        with pytest.raises(Overloaded) as refused:
            spool.append([ROW])

        assert refused.value.retry_after_ms == 10_000
        assert stored(tmp_path) == 0


def test_what_waits_is_bounded(
    tmp_path: Path, database: Callable[[], WatchedDatabase], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(viewbox.spool, "MAX_WAITING_BYTES", 10)
    with Spool(tmp_path) as spool, ThreadPoolExecutor() as threads:
        database().may_commit.clear()
        first = threads.submit(spool.append, [ROW])
        until(lambda: database().commits == 1)
        second = threads.submit(spool.append, [ROW])
        until(lambda: len(spool._waiting) == 1)
        with pytest.raises(Overloaded):
            spool.append([ROW])
        database().may_commit.set()

        assert (first.result(10), second.result(10)) == (None, None)


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path):
    blocker = tmp_path / "spool"
    blocker.write_text("a file where the folder should be")

    with pytest.raises(SetupError, match="spool"):
        Spool(blocker)


def test_row_ids_are_never_used_twice(tmp_path: Path):
    with Spool(tmp_path) as spool, closing(Spools(tmp_path)) as spools:
        spool.append([ROW, ROW])
        spools.trim(spool.id, 2)
        spool.append([ROW])

        assert [row.id for row in spools.take({})[spool.id]] == [3]


def test_a_long_backlog_leaves_room_for_a_short_one(tmp_path: Path):
    long_row = Row("events", 200, b"")
    with (
        Spool(tmp_path, spool_id="a") as long,
        Spool(tmp_path, spool_id="b") as short,
        closing(Spools(tmp_path)) as spools,
    ):
        long.append([long_row] * 1000)
        short.append([ROW])
        taken = spools.take({})

        assert sum(row.events for row in taken["a"]) == 32_000
        assert [row.events for row in taken["b"]] == [2]


def test_a_living_owners_spool_stays(tmp_path: Path):
    with Spool(tmp_path) as spool, closing(Spools(tmp_path)) as spools:
        assert not spools.remove_if_left(spool.id)
        assert spool.path.exists()


def test_a_dead_owners_spool_with_pending_rows_stays(tmp_path: Path):
    with Spool(tmp_path) as spool:
        spool.append([ROW])
    with closing(Spools(tmp_path)) as spools:
        assert not spools.remove_if_left(spool.id)
        spools.trim(spool.id, 1)
        assert spools.remove_if_left(spool.id)

    assert list(tmp_path.iterdir()) == []


def test_a_spool_whose_maker_died_before_it_was_whole_is_removed(tmp_path: Path):
    for name in ("dead.draft", "dead.draft-wal", "dead.lock"):
        (tmp_path / name).touch()
    with Spool(tmp_path) as spool, closing(Spools(tmp_path)) as spools:
        (tmp_path / f"{spool.id}.draft").touch()  # of a living one
        spools.remove_left_drafts()

        assert {path.name for path in tmp_path.glob("*.draft*")} == {f"{spool.id}.draft"}
        assert not (tmp_path / "dead.lock").exists()
        assert spool.path.exists()


def test_counts_outlive_their_spool(tmp_path: Path):
    settings = settings_in(tmp_path)
    for number in range(2):
        with door(settings) as intake:
            intake.accept([wire(play(), number=number), b"{"], received_at_ms=START_MS)
    with Maintainer(settings, rollups=NoRollups) as maintainer:
        maintainer.run_until_drained()
        maintainer.tidy()

    assert list(settings.spool_dir.iterdir()) == []
    assert counters(settings) == {"received": 4, "stored": 2, "duplicate": 0, "dead_lettered": 2, "pending": 0}


@pytest.mark.parametrize("position", [1, 999, 1_000, 1_001, 2_499, 2_500])
def test_trimming_deletes_up_to_the_position_and_nothing_more(tmp_path: Path, position: int):
    with Spool(tmp_path) as spool, closing(Spools(tmp_path)) as spools:
        spool.append([ROW] * 2_500)
        spools.trim(spool.id, position)
        left = [row.id for row in spools.read_range(spool.id, 0, 2_500)]

    assert left == list(range(position + 1, 2_501))
