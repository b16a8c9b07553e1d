"""What ViewBox costs while little happens: connections that wait, five thousand slow ones, a house without videos."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.door.benchmark import SEED, send
from benchmarks.door.books import balance
from benchmarks.door.doors import Door, default_door, free_ports, viewbox_door
from benchmarks.door.family import resident_bytes, usage
from benchmarks.door.load import Load
from benchmarks.door.messages import EVENTS_A_MESSAGE
from benchmarks.process import ROOT, BenchmarkFailed, serving
from benchmarks.record import Figure, Readings
from benchmarks.report import Tell

TITLE = "waiting connections, many slow ones, and an idle house"
STEPS = 4
HELD = 1_000  # idle connections
CROWD = 5_000  # connections, one message each in CROWD_PERIOD_S
CROWD_PERIOD_S = 10.0
CROWD_S = 60.0
SETTLE_S = 30.0  # of an idle house, before it is watched
WATCHED_S = 60.0
KIBIBYTE, MEBIBYTE = 1024, 1024**2
PARAMETERS = {
    "held": HELD, "crowd": CROWD, "crowd_period_s": CROWD_PERIOD_S, "crowd_s": CROWD_S, "settle_s": SETTLE_S,
    "watched_s": WATCHED_S, "events_a_message": EVENTS_A_MESSAGE, "seed": SEED,
}  # fmt: skip
FIGURES = (
    Figure("memory per idle connection, ours ÷ uvicorn's defaults", "×"),
    Figure("memory per idle connection, ours", "KiB"),
    Figure("memory per idle connection, uvicorn's defaults", "KiB"),
    Figure(f"{CROWD} connections, messages acknowledged", "messages/s"),
    Figure(f"{CROWD} connections, errors", ""),
    Figure(f"{CROWD} connections, acknowledged after, p99", "ms"),
    Figure(f"{CROWD} connections, door's processor", "of a core"),
    Figure("idle house, processes", ""),
    Figure("idle house, memory (RSS, added up)", "MiB"),
    Figure("idle house, memory (PSS)", "MiB"),
    Figure("idle house, processor", "% of a core"),
    Figure("idle house, written to disk", "bytes/s"),
)


def rounds(folder: Path, count: int, tell: Tell) -> list[Readings]:
    """Each round measures all of it once."""
    return [_round(folder / str(number), f"round {number} of {count}", SEED + 10 * number, tell)
            for number in range(1, count + 1)]  # fmt: skip


def _round(folder: Path, name: str, seed: int, tell: Tell) -> Readings:
    tell(f"{name}: idle connections")
    ours = _per_connection(viewbox_door, folder / "ours", seed)
    tell(f"{name}: idle connections, uvicorn's defaults")
    defaults = _per_connection(default_door, folder / "defaults", seed)
    tell(f"{name}: {CROWD} connections")
    crowd = _crowd(folder / "crowd", seed + 1)
    tell(f"{name}: idle house")
    return {
        "memory per idle connection, ours ÷ uvicorn's defaults": ours / defaults,
        "memory per idle connection, ours": ours / KIBIBYTE,
        "memory per idle connection, uvicorn's defaults": defaults / KIBIBYTE,
        **crowd,
        **_idle_house(folder / "house"),
    }


def _per_connection(door: Callable[[Path], AbstractContextManager[Door]], folder: Path, seed: int) -> float:
    """Bytes that each of HELD connections adds to the door's resident memory."""
    with door(folder) as opened:
        _held(opened, 10, seed)  # what is made once, by the first connection, counts for none
        before = resident_bytes(opened.pid)
        return (_held(opened, HELD, seed + 1) - before) / HELD


def _held(door: Door, count: int, seed: int) -> int:
    """The door's resident memory while it holds so many connections."""
    argv = [sys.executable, "-m", "benchmarks.door.hold", door.url, str(count), str(seed)]
    process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "held":
            raise BenchmarkFailed(f"{count} connections could not be held")
        return resident_bytes(door.pid)
    finally:
        process.communicate(timeout=60)


def _crowd(folder: Path, seed: int) -> Readings:
    load = Load(seconds=CROWD_S, connections=CROWD, seed=seed, rate_per_s=CROWD / CROWD_PERIOD_S, timeout_s=120)
    with viewbox_door(folder, lake_paused=False) as door:
        measured = send(door, load)
        outcome = measured.outcome
        balance(door.host, outcome.messages * EVENTS_A_MESSAGE)
    return {
        f"{CROWD} connections, messages acknowledged": outcome.messages / outcome.elapsed_s,
        f"{CROWD} connections, errors": outcome.faults + outcome.refused,
        f"{CROWD} connections, acknowledged after, p99": outcome.wait_p99_ms,
        f"{CROWD} connections, door's processor": measured.cpu_us * outcome.messages / 1e6 / outcome.elapsed_s,
    }


def _idle_house(folder: Path) -> Readings:
    """`viewbox up` without a video, once it has settled."""
    folder.mkdir(parents=True)
    port, dashboard_port = free_ports(2)
    environment = {
        "VIEWBOX_DATA_DIR": str(folder / "data"), "VIEWBOX_PORT": str(port), "VIEWBOX_SAMPLE": "0",
        "VIEWBOX_DASHBOARD_PORT": str(dashboard_port), "HOME": os.environ.get("HOME", str(folder)),
    }  # fmt: skip
    with serving(
        [sys.executable, "-m", "viewbox", "up"], folder=folder, log=folder / "up.log", environment=environment,
        health=f"127.0.0.1:{port}",
    ) as served:  # fmt: skip
        time.sleep(SETTLE_S)
        before = usage(served.pid)
        time.sleep(WATCHED_S)
        after = usage(served.pid)
    return {
        "idle house, processes": after.processes,
        "idle house, memory (RSS, added up)": after.rss_bytes / MEBIBYTE,
        "idle house, memory (PSS)": after.pss_bytes / MEBIBYTE,
        "idle house, processor": (after.cpu_s - before.cpu_s) / WATCHED_S * 100,
        "idle house, written to disk": max(0, after.written_bytes - before.written_bytes) / WATCHED_S,
    }
