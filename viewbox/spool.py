"""The spool: events between the door and the lake, on disk before anyone is told so.

One SQLite file per writing process, `<spool_dir>/<id>.sqlite`, in WAL mode with `synchronous=FULL`: a commit
returns after fsync. A lock file beside it is held for the owner's life and freed by the kernel at its death. The
owner appends; the maintainer reads what lies beyond its position and deletes what it has committed to the lake.

Group commit: while one group is being synced, the next one gathers, up to a megabyte; nobody waits for company. So a
group grows with the disk's slowness and with the number of callers, and a caller alone waits for one fsync.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType

import msgspec
import structlog

from viewbox import logs
from viewbox.errors import Overloaded, SetupError, ViewBoxError

MAX_WAITING_BYTES = 32 * 1024 * 1024  # beyond it callers are told to come back: memory stays bounded
MAX_GROUP_BYTES = 1024 * 1024  # one commit: more would keep its first callers waiting for the bytes of the last
MIN_FREE_BYTES = 256 * 1024 * 1024  # kept free, so that catalog and lake can still finish what they began
FREE_SPACE_CHECK_S = 1.0
BUSY_TIMEOUT_S = 30
# Rows of one INSERT. Python hands the interpreter over around every statement, and under load waits milliseconds to
# get it back: a statement for each row would make commits long. A few sizes keep the statements prepared.
INSERT_ROWS = (256, 16, 1)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: it is the position in the lake's transactions
    kind TEXT NOT NULL,                    -- events | dead
    events INTEGER NOT NULL,               -- how many events the payload stands for
    payload BLOB NOT NULL                  -- msgpack
);
"""
_INSERT = {
    rows: f"INSERT INTO rows (kind, events, payload) VALUES {', '.join(['(?, ?, ?)'] * rows)}"  # noqa: S608  # no data
    for rows in INSERT_ROWS
}


class SpoolBroken(ViewBoxError):
    """The disk failed under the spool. Nothing more is acknowledged; the process must end and start anew."""

    code = "spool_broken"
    retryable = True
    http_status = 503


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is appended: `events` counts towards `received`."""

    kind: str
    events: int
    payload: bytes


Told = Callable[[ViewBoxError | None], None]  # the fate of a batch: None once it is on disk, else what happened


class _Batch(msgspec.Struct, frozen=True):
    """Rows of one caller, and whom to tell their fate."""

    rows: Sequence[Row]
    size: int
    tell: Told


class Spool:
    """The spool that this process writes. Thread-safe; `close` it to let the maintainer remove it."""

    def __init__(
        self,
        folder: Path,
        *,
        spool_id: str | None = None,
        free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
        on_broken: Callable[[], None] = lambda: None,
    ) -> None:
        self.id = spool_id or f"{int(time.time()):x}-{os.getpid()}-{secrets.token_hex(4)}"
        self.path = folder / f"{self.id}.sqlite"
        self._folder = folder
        self._free_bytes = free_bytes
        self._on_broken = on_broken
        self._log: structlog.typing.FilteringBoundLogger = logs.get("spool")
        self._next_space_check = 0.0
        self._has_space = True
        self._waiting: list[_Batch] = []
        self._waiting_bytes = 0
        self._wake = threading.Condition()
        self._closing = False
        self._broken = False
        self._position = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = lock_file(folder / f"{self.id}.lock")
            _create(self.path)
            self._database = connect(self.path)
        except (OSError, sqlite3.Error) as error:
            raise SetupError(
                f"the spool cannot be written: {error}", hint=f"check rights and space of {folder}"
            ) from error
        self._writer = threading.Thread(target=self._write, name="spool-writer", daemon=True)
        self._writer.start()

    @property
    def broken(self) -> bool:
        """Whether the disk failed; if so, this process must take no more events."""
        return self._broken

    @property
    def position(self) -> int:
        """The last row on disk."""
        return self._position

    def append(self, rows: Sequence[Row]) -> None:
        """Return once all rows are on disk (fsync done). Raises Overloaded (nothing stored) or SpoolBroken."""
        if not rows:
            return
        done = threading.Event()
        fate: list[ViewBoxError | None] = []

        def tell(error: ViewBoxError | None) -> None:
            fate.append(error)
            done.set()

        self.submit(rows, tell)
        done.wait()
        if fate[0] is not None:
            raise fate[0]

    def submit(self, rows: Sequence[Row], tell: Told) -> None:
        """Return at once; `tell(None)` is called in the writer's thread when all rows are on disk (fsync done).

        Raises, or tells later, Overloaded (nothing stored) or SpoolBroken.
        """
        batch = _Batch(rows, sum(len(row.payload) for row in rows), tell)
        with self._wake:
            if self._broken or self._closing:
                raise SpoolBroken("the spool is closed", hint="restart the server; unacknowledged events come again")
            if self._waiting_bytes + batch.size > MAX_WAITING_BYTES and self._waiting:
                raise Overloaded("the disk is slower than the events come", hint="send again later")
            if not self._space_left():
                raise Overloaded("the disk is almost full", retry_after_ms=10_000, hint="free some space")
            self._waiting.append(batch)
            self._waiting_bytes += batch.size
            self._wake.notify()

    def close(self) -> None:
        """Write what waits, then free the lock. The maintainer removes the file once it has drained it."""
        with self._wake:
            if self._closing:
                return
            self._closing = True
            self._wake.notify()
        self._writer.join()
        self._database.close()
        os.close(self._lock)

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self.close()

    # --- the writer thread -------------------------------------------------------------------------------

    def _write(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._closing:
                    self._wake.wait()
                batches = self._gathered()
            if not batches:
                return
            error = self._commit(batches)
            for batch in batches:
                batch.tell(error)

    def _gathered(self) -> list[_Batch]:
        """The next group, first come first served: as many batches as fit, one at least. Under the lock."""
        size = 0
        for place, batch in enumerate(self._waiting):
            size += batch.size
            if size > MAX_GROUP_BYTES and place:
                size -= batch.size
                break
        else:
            place = len(self._waiting)
        group, self._waiting = self._waiting[:place], self._waiting[place:]
        self._waiting_bytes -= size
        return group

    def _commit(self, batches: list[_Batch]) -> ViewBoxError | None:
        rows = [row for batch in batches for row in batch.rows]
        try:
            self._database.execute("BEGIN IMMEDIATE")
            last = self._insert(rows)
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            return self._give_up(error)
        self._position = last
        return None

    def _insert(self, rows: Sequence[Row]) -> int:
        """The id of the last row."""
        first, last = 0, self._position
        for at_once in INSERT_ROWS:
            while len(rows) - first >= at_once:
                values = [
                    value for row in rows[first : first + at_once] for value in (row.kind, row.events, row.payload)
                ]
                last = self._database.execute(_INSERT[at_once], values).lastrowid or last
                first += at_once
        return last

    def _give_up(self, error: sqlite3.Error) -> ViewBoxError:
        """A full disk or a busy file may get better; after any other failure nothing can be trusted any more."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY}:
            try:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
            except sqlite3.Error:
                pass
            else:
                self._log.warning("spool_full_or_busy", reason=str(error))
                return Overloaded("the spool takes nothing at the moment", hint=str(error))
        self._log.error("spool_broken", reason=str(error))
        with self._wake:
            self._broken = True
        self._on_broken()
        return SpoolBroken(f"the spool's disk failed: {error}", hint="check the disk, then restart")

    def _space_left(self) -> bool:
        """Looked up once a second at most."""
        now = time.monotonic()
        if now >= self._next_space_check:
            self._next_space_check = now + FREE_SPACE_CHECK_S
            self._has_space = self._free_bytes(self._folder) >= MIN_FREE_BYTES
        return self._has_space


def connect(path: Path) -> sqlite3.Connection:
    """A spool's or index's database, ready for explicit transactions that are on disk when COMMIT returns."""
    database = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    return database


def lock_file(path: Path) -> int:
    """Take a lock that the kernel frees at this process' death. Raises BlockingIOError when another holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _create(path: Path) -> None:
    """An empty spool under its final name only once it is whole: the maintainer looks for that name."""
    draft = path.with_suffix(".draft")
    with closing(connect(draft)) as database:
        database.executescript(_SCHEMA)
    draft.rename(path)
    for folder in (path.parent, path.parent.parent):  # the folder may be as new as the file
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
