"""What would tell that hostile input got somewhere: opened canaries, connections to a trap, processes left behind."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

IN_ACCESS, IN_OPEN = 0x1, 0x20
_EVENT = struct.Struct("iIII")
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Witness:
    """Watches canary files and one port of loopback; reads nothing of them itself."""

    canaries: list[Path]
    port: int
    _inotify: int
    _trap: socket.socket
    _names: dict[int, str] = field(default_factory=dict)

    def opened(self) -> list[str]:
        """Canaries that were opened or read since the last call, by whichever process."""
        found = []
        try:
            data = os.read(self._inotify, 65_536)
        except BlockingIOError:
            return []
        while data:
            watch, _, _, length = _EVENT.unpack_from(data)
            found.append(self._names[watch])
            data = data[_EVENT.size + length :]
        return found

    def called(self) -> int:
        """Connections to the trap since the last call."""
        calls = 0
        while True:
            try:
                line, _ = self._trap.accept()
            except BlockingIOError:
                return calls
            line.close()
            calls += 1


@contextmanager
def watching(*canaries: Path) -> Iterator[Witness]:
    """Linux only: the kernel tells who opens a file (inotify)."""
    inotify = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    assert inotify >= 0, os.strerror(ctypes.get_errno())
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.setblocking(False)
        witness = Witness(list(canaries), trap.getsockname()[1], inotify, trap)
        for canary in canaries:
            watch = _libc.inotify_add_watch(inotify, os.fsencode(canary), IN_OPEN | IN_ACCESS)
            assert watch >= 0, os.strerror(ctypes.get_errno())
            witness._names[watch] = canary.name
        try:
            yield witness
        finally:
            os.close(inotify)


def left_behind(folder: Path) -> list[str]:
    """Command lines of running processes that name the folder; this one does not count."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        if int(place.name) == os.getpid():
            continue
        try:
            words = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue  # it ended meanwhile
        if str(folder) in words and ("ffmpeg" in words or "ffprobe" in words):
            found.append(words)
    return found
