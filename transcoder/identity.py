"""Who a worker is, precisely enough that another one on the same machine can tell whether it still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path

PROC = Path("/proc")


def worker_id() -> str:
    """`<place>:<pid>:<start time>`: no two processes ever share one."""
    return f"{_place()}:{os.getpid()}:{_start_time(os.getpid()) or 0}"


def is_dead(worker: str) -> bool:
    """Whether a worker surely does not run any more: it ran in this very place, and its process is gone.

    False for workers of other machines or containers: only their leases tell.
    """
    process, _, start_time = worker.rpartition(":")
    place, _, pid = process.rpartition(":")
    if place != _place() or not (PROC / "self" / "stat").exists():
        return False
    return not pid.isdigit() or _start_time(int(pid)) != start_time


def _place() -> str:
    """The boot of the machine, and the process-id namespace (container) in it."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{(PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _start_time(pid: int) -> str | None:
    """Clock ticks after boot at which a process started; None when there is none, or only its remains."""
    try:
        stat = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before may hold anything
    return None if fields[0] in {"Z", "X"} else fields[19]
