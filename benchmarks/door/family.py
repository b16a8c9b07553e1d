"""What a process and all its descendants hold and use, as Linux tells it in /proc."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """Of all processes together. `rss_bytes` counts a page once for each process that has it, `pss_bytes` once."""

    processes: int
    rss_bytes: int
    pss_bytes: int
    cpu_s: float
    written_bytes: int


def usage(pid: int) -> Usage:
    """Now. What ended since the last look is gone from the sums."""
    found = list(descendants(pid))
    return Usage(
        len(found),
        sum(resident_bytes(each) for each in found),
        sum(_proportional_bytes(each) for each in found),
        sum(_cpu_s(each) for each in found),
        sum(_written_bytes(each) for each in found),
    )


def descendants(pid: int) -> Iterator[int]:
    """The process itself, and every one below it."""
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        yield parent
        for children in PROC.joinpath(str(parent), "task").glob("*/children"):
            waiting += [int(child) for child in _read(children).split()]


def cpu_ever_s(pid: int) -> float:
    """Of the process and every one below it, ended ones included: their parents have waited for them."""
    return sum(_cpu_s(each) + _cpu_s(each, ended=True) for each in descendants(pid))


def resident_bytes(pid: int) -> int:
    fields = _read(PROC / str(pid) / "statm").split()
    return int(fields[1]) * PAGE_BYTES if fields else 0


def _proportional_bytes(pid: int) -> int:
    return 1024 * sum(int(line.split()[1]) for line in _read(PROC / str(pid) / "smaps_rollup").splitlines()
                      if line.startswith("Pss:"))  # fmt: skip


def _cpu_s(pid: int, *, ended: bool = False) -> float:
    """Of the process itself, or of its children that ended."""
    fields = _read(PROC / str(pid) / "stat").rpartition(")")[2].split()
    first = 13 if ended else 11
    return (int(fields[first]) + int(fields[first + 1])) / TICKS_PER_S if fields else 0.0


def _written_bytes(pid: int) -> int:
    return sum(int(line.split()[1]) for line in _read(PROC / str(pid) / "io").splitlines()
               if line.startswith("write_bytes:"))  # fmt: skip


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:  # it ended meanwhile
        return ""
