"""What of a directory a power cut would leave: a model of the disk below the page cache.

POSIX promises little: the bytes that a file had when it was fsynced, and the names that a folder had when it was. All
else (bytes written since, new names, renames, deletions) may be on disk or not, in any order, whole or torn. A platter
notes each fsync in the processes it is installed in, and `cut` puts a directory into a state that the promise allows:
nothing that was not synced, or a toss for each file and name.

Files are known by inode, and a second name in the platter keeps a number from being used again. SQLite's files change
in place, so what was synced of them is copied; all others are written once, so their length says it.
"""

from __future__ import annotations

import errno
import fcntl
import itertools
import json
import os
import random
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.faults.sqlite_syncs import watch

SLOW_S = 0.1
BLOCK = 4096  # bytes that reach the disk together
_real_fsync = os.fsync
Listing = dict[str, list[int]]  # name -> [inode, whether it is a folder]


class Platter:
    """The disk below `root`. `store` lies on the same file system, outside of it."""

    def __init__(self, root: Path, store: Path) -> None:
        self._root = root.absolute()
        self._store = store.absolute()
        self._folders = self._store / "folders"
        self._inodes = self._store / "inodes"
        self._synced = self._store / "synced"
        self._lost = self._store / "lost"
        self._lock = self._store / "lock"
        self._numbers = itertools.count()
        self._descriptors: dict[int, int] = {}  # by inode, for good

    def begin(self) -> None:
        """All that is there now is on disk."""
        shutil.rmtree(self._store, ignore_errors=True)
        for folder in (self._folders, self._inodes, self._synced, self._lost):
            folder.mkdir(parents=True)
        for folder_text, _folders, names in os.walk(self._root):
            folder = Path(folder_text)
            for name in names:
                self.note_file(folder / name)
            self.note_folder(folder)
        for descriptor in self._descriptors.values():
            os.close(descriptor)  # nobody has the directory open now
        self._descriptors.clear()

    # --- noting, in any process ------------------------------------------------------------------------------

    def note_file(self, path: Path) -> None:
        """A file's bytes, as they are now, are on disk once the fsync that follows has returned."""
        if not path.is_relative_to(self._root):
            return
        draft = self._draft()
        with _alone(self._lock):
            try:
                found = path.stat()
                if (self._lost / str(found.st_ino)).exists():
                    return
                self._keep(path, found.st_ino)
                if _changes_in_place(path):
                    self._copy(path, found, draft)
                else:
                    draft.write_text(str(found.st_size), "ascii")
            except FileNotFoundError:  # unlinked: nobody will find it after the cut
                return
            draft.rename(self._synced / str(found.st_ino))

    def note_folder(self, path: Path) -> None:
        """A folder's names, as they are now."""
        if not path.is_relative_to(self._root):
            return
        draft = self._draft()
        with _alone(self._lock):
            listing = _names(path)
            for name, (inode, is_folder) in listing.items():
                if not is_folder:
                    self._keep(path / name, inode)
            draft.write_text(json.dumps(listing), "utf-8")
            draft.rename(self._folders / self._key(path))

    def note_failure(self, path: Path) -> None:
        """An fsync failed: the kernel takes the pages for clean now, and no later fsync brings them to the disk. Of
        SQLite's files, which are written again and again, only this one fsync is missed.
        """
        if path.is_relative_to(self._root) and path.is_file() and not _changes_in_place(path):
            inode = path.stat().st_ino
            self._keep(path, inode)
            (self._lost / str(inode)).touch()

    def install(
        self,
        *,
        fails: Callable[[Path], bool] = lambda _path: False,
        full: Callable[[Path], bool] = lambda _path: False,
        slow: Callable[[Path], bool] = lambda _path: False,
        around: Callable[[str, Path], None] = lambda _side, _path: None,
    ) -> None:
        """Note every fsync of this process, for good.

        `fails` says which the disk refuses with EIO, losing the bytes; `slow` which take SLOW_S; `full` which writes of
        SQLite's find no space; `around` hears "before" and "after" of each of SQLite's.
        """

        def fsync(descriptor: Any) -> None:
            number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
            path = Path(f"/proc/self/fd/{number}").readlink()
            if fails(path):
                self.note_failure(path)
                raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
            (self.note_folder if stat.S_ISDIR(os.fstat(number).st_mode) else self.note_file)(path)
            _real_fsync(number)

        def on_sync(path: str, really: Callable[[], int]) -> int:
            if fails(Path(path)):
                return sqlite3.SQLITE_IOERR_FSYNC
            if slow(Path(path)):
                time.sleep(SLOW_S)
            around("before", Path(path))
            self.note_file(Path(path))
            code = really()
            around("after", Path(path))
            return code

        def on_write(path: str) -> int:
            return sqlite3.SQLITE_FULL if full(Path(path)) else sqlite3.SQLITE_OK

        os.fsync = fsync  # type: ignore[assignment]  # the parameter has another name
        watch(on_sync, lambda folder: self.note_folder(Path(folder)), on_write)

    def _keep(self, path: Path, inode: int) -> None:
        with suppress(FileExistsError, FileNotFoundError):
            os.link(path, self._inodes / str(inode))

    def _copy(self, path: Path, found: os.stat_result, draft: Path) -> None:
        """Read through a descriptor that stays open: closing any of a file gives up this process's locks on it, and
        SQLite's are such.
        """
        if found.st_ino not in self._descriptors:
            self._descriptors[found.st_ino] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        draft.write_bytes(os.pread(self._descriptors[found.st_ino], found.st_size, 0))

    def _draft(self) -> Path:
        return self._store / f"draft-{os.getpid()}-{next(self._numbers)}"

    def _key(self, folder: Path) -> str:
        return "|".join(("root", *folder.relative_to(self._root).parts))

    # --- the cut ---------------------------------------------------------------------------------------------

    def cut(self, chance: random.Random | None) -> None:
        """Leave what the disk holds. Without `chance` nothing that was not synced is there; with it, each unsynced
        thing is by a toss. Only while no process has the directory open.
        """
        after = self._store / "after"
        self._rebuild(self._root, after, chance)
        before = self._store / "before"
        self._root.rename(before)
        after.rename(self._root)
        self.begin()

    def _rebuild(self, folder: Path, into: Path, chance: random.Random | None) -> None:
        into.mkdir()
        synced = self._listing(folder)
        now = _names(folder) if folder.is_dir() else {}
        for name in sorted({*synced, *now}):
            if name.endswith("-shm"):  # SQLite's shared memory means nothing after a restart
                continue
            on_disk, in_cache = synced.get(name), now.get(name)
            chosen = on_disk if chance is None or on_disk == in_cache or chance.random() < 0.5 else in_cache
            if chosen is None:
                continue
            inode, is_folder = chosen
            if is_folder:
                self._rebuild(folder / name, into / name, chance)
            else:
                source = folder / name if chosen == in_cache else self._inodes / str(inode)
                (into / name).write_bytes(self._content(source, inode, chance, in_place=_changes_in_place(into / name)))

    def _content(self, source: Path, inode: int, chance: random.Random | None, *, in_place: bool) -> bytes:
        cached = source.read_bytes()
        noted = self._synced / str(inode)
        if in_place:
            on_disk = noted.read_bytes() if noted.exists() else b""
        else:
            on_disk = cached[: int(noted.read_text("ascii"))] if noted.exists() else b""
        if chance is None or cached == on_disk:
            return on_disk
        fate = chance.choice(("synced", "written", "torn"))
        if fate == "torn":
            return _torn(on_disk, cached, chance)
        return on_disk if fate == "synced" else cached

    def _listing(self, folder: Path) -> Listing:
        noted = self._folders / self._key(folder)
        listing: Listing = json.loads(noted.read_text("utf-8")) if noted.exists() else {}
        return listing


def _names(folder: Path) -> Listing:
    with os.scandir(folder) as entries:
        return {entry.name: [entry.inode(), int(entry.is_dir(follow_symlinks=False))] for entry in entries}


def _changes_in_place(path: Path) -> bool:
    return ".sqlite" in path.name or ".draft" in path.name


def _torn(on_disk: bytes, cached: bytes, chance: random.Random) -> bytes:
    """Some blocks as they were synced, some as they were written, and an end anywhere between."""
    end = chance.randint(min(len(on_disk), len(cached)), max(len(on_disk), len(cached)))
    blocks = []
    for start in range(0, end, BLOCK):
        old, new = on_disk[start : start + BLOCK], cached[start : start + BLOCK]
        block = chance.choice((old, new)) or old or new
        blocks.append(block.ljust(BLOCK, b"\0"))
    return b"".join(blocks)[:end]


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One thread of one process at a time: else an older note could replace a newer one."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
