"""Three times more than the door can take, for a minute: memory stays bounded, no acknowledged event is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.door.benchmark import SEED, send
from benchmarks.door.books import balance, settle
from benchmarks.door.doors import Door, viewbox_door
from benchmarks.door.family import resident_bytes
from benchmarks.door.load import Load
from benchmarks.door.messages import EVENTS_A_MESSAGE
from benchmarks.record import Figure, Readings
from benchmarks.report import Tell

TITLE = "three times more than the door can take, for a minute"
STEPS = 3
CONNECTIONS = 1_024
MOST_UNANSWERED = 16  # of a connection, as a tracker does it: what is beyond stays with the player
OVERLOAD = 3.0
OVERLOAD_S = 60.0
BURST_S = 10.0
LOOK_S = 0.1
MEBIBYTE = 1024**2
PARAMETERS = {
    "connections": CONNECTIONS, "most_unanswered": MOST_UNANSWERED, "overload": OVERLOAD, "overload_s": OVERLOAD_S,
    "burst_s": BURST_S, "events_a_message": EVENTS_A_MESSAGE, "intake_rate": 0, "seed": SEED,
}  # fmt: skip
FIGURES = (
    Figure("offered ÷ what the door takes", "×"),
    Figure("acknowledged during overload ÷ before", "×"),
    Figure("told to come again", "messages"),
    Figure("kept by their players", "messages"),
    Figure("door's memory, before", "MiB"),
    Figure("door's memory, most during overload", "MiB"),
    Figure("acknowledged after, p99, half load, afterwards", "ms"),
)


def rounds(folder: Path, count: int, tell: Tell) -> list[Readings]:
    """Each round finds what the door takes, offers three times that, and looks whether it is well again."""
    return [_round(folder / str(number), f"round {number} of {count}", SEED + 10 * number, tell)
            for number in range(1, count + 1)]  # fmt: skip


def _round(folder: Path, name: str, seed: int, tell: Tell) -> Readings:
    full = Load(seconds=BURST_S, connections=CONNECTIONS, seed=seed)
    with viewbox_door(folder, lake_paused=False) as door:
        tell(f"{name}: what it takes")
        before = send(door, full)
        settle(door.host)
        held_bytes = resident_bytes(door.pid)
        tell(f"{name}: three times that")
        flood = msgspec.structs.replace(
            full, seconds=OVERLOAD_S, seed=seed + 1, rate_per_s=OVERLOAD * before.rate, tolerant=True,
            most_unanswered=MOST_UNANSWERED, timeout_s=120.0,
        )  # fmt: skip
        with _peak(door) as most_bytes:
            during = send(door, flood)
        tell(f"{name}: afterwards")
        half = msgspec.structs.replace(full, seed=seed + 2, rate_per_s=before.rate / 2)
        settle(door.host)
        after = send(door, half)
        messages = before.outcome.messages + during.outcome.messages + after.outcome.messages
        balance(door.host, messages * EVENTS_A_MESSAGE)  # it fails when one is missing or there twice
    offered = during.outcome.messages + during.outcome.refused + during.outcome.kept
    return {
        "offered ÷ what the door takes": offered / during.outcome.elapsed_s / before.rate,
        "acknowledged during overload ÷ before": during.rate / before.rate,
        "told to come again": during.outcome.refused,
        "kept by their players": during.outcome.kept,
        "door's memory, before": held_bytes / MEBIBYTE,
        "door's memory, most during overload": max(most_bytes) / MEBIBYTE,
        "acknowledged after, p99, half load, afterwards": after.outcome.wait_p99_ms,
    }


@contextmanager
def _peak(door: Door) -> Iterator[list[int]]:
    """The door's resident memory, looked at all the while."""
    seen = [resident_bytes(door.pid)]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(LOOK_S):
            seen.append(resident_bytes(door.pid))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()
