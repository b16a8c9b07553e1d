"""Seeing SQLite's own fsyncs: a VFS between SQLite and the file system, by SQLite's public interface.

SQLite writes through a table of functions (https://sqlite.org/vfs.html). `watch` registers a copy of the default table
in whose files xSync, and on wish xWrite, pass by us. The library is the one that this Python's `sqlite3` has loaded, so
every connection of the process is watched, without a change to the code that opens it.
"""

from __future__ import annotations

import ctypes
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

Sync = Callable[[str, Callable[[], int]], int]  # (path, really sync) -> SQLite's result code
Write = Callable[[str], int]  # path -> SQLITE_OK, or the code to fail with

_XSYNC = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_XWRITE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
_XOPEN = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_int)
)
_OPEN_DIRECTORY = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(ctypes.c_int))
_SET_SYSTEM_CALL = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
_GET_SYSTEM_CALL = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)


class _Methods(ctypes.Structure):
    """sqlite3_io_methods, version 3."""

    _fields_ = [("iVersion", ctypes.c_int)] + [
        (name, ctypes.c_void_p)
        for name in (
            "xClose", "xRead", "xWrite", "xTruncate", "xSync", "xFileSize", "xLock", "xUnlock", "xCheckReservedLock",
            "xFileControl", "xSectorSize", "xDeviceCharacteristics", "xShmMap", "xShmLock", "xShmBarrier", "xShmUnmap",
            "xFetch", "xUnfetch",
        )
    ]  # fmt: skip


class _File(ctypes.Structure):
    _fields_ = [("pMethods", ctypes.c_void_p)]


class _Vfs(ctypes.Structure):
    """sqlite3_vfs, version 3."""

    _fields_ = [
        ("iVersion", ctypes.c_int),
        ("szOsFile", ctypes.c_int),
        ("mxPathname", ctypes.c_int),
        ("pNext", ctypes.c_void_p),
        ("zName", ctypes.c_char_p),
        ("pAppData", ctypes.c_void_p),
        *(
            (name, ctypes.c_void_p)
            for name in (
                "xOpen", "xDelete", "xAccess", "xFullPathname", "xDlOpen", "xDlError", "xDlSym", "xDlClose",
                "xRandomness", "xSleep", "xCurrentTime", "xGetLastError", "xCurrentTimeInt64", "xSetSystemCall",
                "xGetSystemCall", "xNextSystemCall",
            )
        ),
    ]  # fmt: skip


class _Watch:
    """What must stay in memory for as long as SQLite may call it: for the life of the process."""

    def __init__(self, library: ctypes.CDLL, on_sync: Sync, on_folder: Callable[[str], None], on_write: Write | None):
        self._on_sync = on_sync
        self._on_folder = on_folder
        self._on_write = on_write
        self._tables: dict[int, _Methods] = {}  # by the address of the table they replace
        self._paths: dict[int, tuple[str, _Methods]] = {}  # by the address of the file: its path, its real methods
        library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        self._real = library.sqlite3_vfs_find(None).contents
        self._vfs = _Vfs.from_buffer_copy(self._real)
        self._vfs.zName = b"watched"
        self._open = _XOPEN(self._opened)
        self._sync = _XSYNC(self._synced)
        self._write = _XWRITE(self._written)
        self._real_open = _XOPEN(self._real.xOpen)
        self._vfs.xOpen = ctypes.cast(self._open, ctypes.c_void_p)
        self._watch_folders()
        if library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1):
            raise RuntimeError("SQLite took no VFS")

    def _watch_folders(self) -> None:
        """SQLite opens a folder for one thing only: to sync the name of a new journal in it."""
        get = _GET_SYSTEM_CALL(self._real.xGetSystemCall)
        real = _OPEN_DIRECTORY(get(ctypes.addressof(self._real), b"openDirectory"))

        def open_directory(name: bytes, descriptor: ctypes.Array[ctypes.c_int]) -> int:
            self._on_folder(str(Path(os.fsdecode(name)).parent))
            return int(real(name, descriptor))

        self._open_directory = _OPEN_DIRECTORY(open_directory)
        put = _SET_SYSTEM_CALL(self._real.xSetSystemCall)
        put(ctypes.addressof(self._real), b"openDirectory", ctypes.cast(self._open_directory, ctypes.c_void_p))

    def _opened(self, _vfs: int, name: int | None, file: int, flags: int, out: ctypes.Array[ctypes.c_int]) -> int:
        code = int(self._real_open(ctypes.addressof(self._real), name, file, flags, out))
        opened = _File.from_address(file)
        if code == sqlite3.SQLITE_OK and name is not None and opened.pMethods:
            address = opened.pMethods
            real = _Methods.from_address(address)
            if address not in self._tables:
                ours = _Methods.from_buffer_copy(real)
                ours.xSync = ctypes.cast(self._sync, ctypes.c_void_p)
                if self._on_write is not None:
                    ours.xWrite = ctypes.cast(self._write, ctypes.c_void_p)
                self._tables[address] = ours
            self._paths[file] = os.fsdecode(ctypes.string_at(name)), real
            opened.pMethods = ctypes.addressof(self._tables[address])
        return code

    def _synced(self, file: int, flags: int) -> int:
        path, real = self._paths[file]
        return self._on_sync(path, lambda: int(_XSYNC(real.xSync)(file, flags)))

    def _written(self, file: int, data: int, size: int, offset: int) -> int:
        path, real = self._paths[file]
        code = self._on_write(path) if self._on_write is not None else sqlite3.SQLITE_OK
        return code or int(_XWRITE(real.xWrite)(file, data, size, offset))


_watches: list[_Watch] = []


def watch(on_sync: Sync, on_folder: Callable[[str], None], on_write: Write | None = None) -> None:
    """From now on every file that SQLite opens in this process is watched. Raises RuntimeError where that cannot be.

    `on_sync` decides on each xSync: it calls what really syncs, or answers an error code. `on_folder` hears of each
    folder that is synced for a new journal's sake.
    """
    _watches.append(_Watch(_library(), on_sync, on_folder, on_write))


def _library() -> ctypes.CDLL:
    """The shared library that `sqlite3` stands on."""
    sqlite3.connect(":memory:").close()
    for line in Path("/proc/self/maps").read_text("utf-8").splitlines():
        path = line.rpartition(" ")[2]
        if "sqlite3" in path or "libpython" in path:
            library = ctypes.CDLL(path)
            if hasattr(library, "sqlite3_vfs_find"):
                return library
    library = ctypes.CDLL(None)
    if hasattr(library, "sqlite3_vfs_find"):
        return library
    raise RuntimeError("this Python's sqlite3 keeps its library to itself; run the fault suite with another Python")
