"""The door alone: durable, acknowledged messages per second against doors that do less, and how long an ack takes.

Every answer counted is an acknowledgement after fsync, and is looked at. The lake writer is paused: what the way to SQL
costs, the benchmark `visible` measures. Bursts of ten seconds, one server at a time, all in the same round.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from benchmarks.door.doors import Door, echo_door, granian_door, jetstream_door, storeless_door, viewbox_door
from benchmarks.door.load import Load, Outcome
from benchmarks.door.messages import EVENTS_A_MESSAGE, MANY_EVENTS
from benchmarks.process import BenchmarkFailed, run_measured
from benchmarks.record import Figure, Readings
from benchmarks.report import Tell

TITLE = "events over WebSocket, durable, the door alone"
STEPS = 8
CONNECTIONS = 512
BURST_S = 10.0
SEED = 20_261_123
PARAMETERS = {
    "connections": CONNECTIONS, "in_flight": 1, "burst_s": BURST_S, "events_a_message": EVENTS_A_MESSAGE,
    "many_events": MANY_EVENTS, "intake_rate": 0, "lake": "paused", "seed": SEED,
}  # fmt: skip
FIGURES = (
    Figure("durable ÷ no store, messages/s", "×"),
    Figure("durable ÷ bare echo, messages/s", "×"),
    Figure("durable ÷ JetStream, messages/s", "×"),
    Figure("durable ÷ no store, CPU per message", "×"),
    Figure("durable ÷ bare echo, CPU per message", "×"),
    Figure("granian ÷ uvicorn, durable, messages/s", "×"),
    Figure(f"durable ÷ bare echo, {MANY_EVENTS} events a message", "×"),
    Figure("durable", "messages/s"),
    Figure("no store", "messages/s"),
    Figure("bare echo", "messages/s"),
    Figure("JetStream, sync always", "messages/s"),
    Figure("granian, durable", "messages/s"),
    Figure(f"durable, {MANY_EVENTS} events a message", "events/s"),
    Figure("half load", "messages/s"),
    Figure("acknowledged after, p50", "ms"),
    Figure("acknowledged after, p99", "ms"),
    Figure("generator, busiest", "of a core"),
)


class Measured(msgspec.Struct, frozen=True):
    """A burst, and the processor time that the server's process spent on each of its messages."""

    outcome: Outcome
    cpu_us: float

    @property
    def rate(self) -> float:
        return self.outcome.messages / self.outcome.elapsed_s


def rounds(folder: Path, count: int, tell: Tell) -> list[Readings]:
    """Each round measures every door once, then the half load."""
    return [_round(folder / str(number), f"round {number} of {count}", SEED + 100 * number, tell)
            for number in range(1, count + 1)]  # fmt: skip


def _round(folder: Path, name: str, seed: int, tell: Tell) -> Readings:
    full = Load(seconds=BURST_S, connections=CONNECTIONS, seed=seed)
    many = msgspec.structs.replace(full, events=MANY_EVENTS)

    def burst(what: str, door: Callable[[Path], AbstractContextManager[Door]], load: Load) -> Measured:
        tell(f"{name}: {what}")
        with door(folder / what.replace(" ", "-")) as opened:
            return send(opened, load)

    echo = burst("echo", echo_door, msgspec.structs.replace(full, answers="echo"))
    storeless = burst("no store", storeless_door, full)
    tell(f"{name}: durable, and half load")
    with viewbox_door(folder / "durable") as door:
        durable = send(door, full)
        half_rate = durable.rate / 2
        half = send(door, msgspec.structs.replace(full, rate_per_s=half_rate, seed=seed + 1))
    jetstream = burst("JetStream", jetstream_door, msgspec.structs.replace(full, answers="jetstream"))
    granian = burst("granian", granian_door, full)
    echo_many = burst("echo, many events", echo_door, msgspec.structs.replace(many, answers="echo"))
    durable_many = burst("durable, many events", viewbox_door, many)
    everything = (echo, storeless, durable, half, jetstream, granian, echo_many, durable_many)
    return {
        "durable ÷ no store, messages/s": durable.rate / storeless.rate,
        "durable ÷ bare echo, messages/s": durable.rate / echo.rate,
        "durable ÷ JetStream, messages/s": durable.rate / jetstream.rate,
        "durable ÷ no store, CPU per message": durable.cpu_us / storeless.cpu_us,
        "durable ÷ bare echo, CPU per message": durable.cpu_us / echo.cpu_us,
        "granian ÷ uvicorn, durable, messages/s": granian.rate / durable.rate,
        f"durable ÷ bare echo, {MANY_EVENTS} events a message": durable_many.rate / echo_many.rate,
        "durable": durable.rate,
        "no store": storeless.rate,
        "bare echo": echo.rate,
        "JetStream, sync always": jetstream.rate,
        "granian, durable": granian.rate,
        f"durable, {MANY_EVENTS} events a message": durable_many.rate * MANY_EVENTS,
        "half load": half_rate,
        "acknowledged after, p50": half.outcome.wait_p50_ms,
        "acknowledged after, p99": half.outcome.wait_p99_ms,
        "generator, busiest": max(measured.outcome.cpu for measured in everything),
    }


def send(door: Door, load: Load) -> Measured:
    """A load, sent by a process of its own. Raises BenchmarkFailed when an answer is not what it should be."""
    before = door.cpu_s()
    argv = [sys.executable, "-m", "benchmarks.door.load", door.url, msgspec.json.encode(load).decode()]
    timeout_s = load.seconds + 2 * load.timeout_s + 60
    outcome = msgspec.json.decode(run_measured(argv, timeout_s=timeout_s).stdout, type=Outcome)
    if outcome.faults:
        raise BenchmarkFailed(f"{outcome.faults} answers were wrong or did not come: {'; '.join(outcome.examples)}")
    return Measured(outcome, (door.cpu_s() - before) / max(1, outcome.messages) * 1e6)
