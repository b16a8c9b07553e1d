"""Peak memory of a program and everything it started: resident pages of all processes of its session, added up.

Pages that processes share count once for each, so the sum is never below what is really in use. Linux only: elsewhere
the kernel's figure for the largest single process stands alone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PERIOD_S = 0.05
PROC = Path("/proc")
SESSION_FIELD = 3  # of /proc/PID/stat, counted behind the name in brackets
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Peak:
    """`with peak.of(session)`: the highest sum seen while the block runs, in `bytes`."""

    def __init__(self) -> None:
        self.bytes = 0

    @contextmanager
    def of(self, session: int) -> Iterator[None]:
        done = threading.Event()

        def watch() -> None:
            while not done.wait(PERIOD_S):
                self.bytes = max(self.bytes, resident(session))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


def resident(session: int) -> int:
    """Bytes of all processes of a session; 0 where /proc does not tell."""
    return sum(_resident_pages(entry, session) for entry in PROC.glob("[0-9]*")) * PAGE_BYTES


def _resident_pages(process: Path, session: int) -> int:
    try:
        fields = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        if int(fields[SESSION_FIELD]) != session:
            return 0
        return int((process / "statm").read_text(encoding="utf-8").split()[1])
    except OSError:  # it ended meanwhile
        return 0
