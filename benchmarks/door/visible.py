"""From the acknowledgement to SQL: how much the whole of ViewBox takes for good, and how soon an event shows.

The lake writer runs beside the door on the same cores. It is slower than the door: the rate into the lake is the one
that lasts, and half of it is the load under which messages are followed until a query counts their events.
"""

from __future__ import annotations

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from websockets.sync.client import ClientConnection, connect

from benchmarks.analytics.timing import percentile
from benchmarks.door.benchmark import CONNECTIONS, SEED, send
from benchmarks.door.books import balance, counters, settle
from benchmarks.door.doors import Door, viewbox_door
from benchmarks.door.load import Load
from benchmarks.door.messages import EVENTS_A_MESSAGE, messages_of
from benchmarks.process import BenchmarkFailed, size_of, until
from benchmarks.record import Figure, Readings
from benchmarks.report import Tell
from viewbox.clock import SYSTEM_CLOCK
from viewbox.engine import Engine, open_engine
from viewbox.settings import Settings

TITLE = "from the acknowledgement to SQL"
STEPS = 2
BURST_S = 10.0
WATCHED_S = 30.0  # half load while messages are followed until SQL shows them
PROBE_POLL_S = 0.1  # it bounds how exactly the way to SQL is known
PROBE_TIMEOUT_S = 30.0
PARAMETERS = {
    "connections": CONNECTIONS, "in_flight": 1, "burst_s": BURST_S, "events_a_message": EVENTS_A_MESSAGE,
    "watched_s": WATCHED_S, "probe_poll_s": PROBE_POLL_S, "intake_rate": 0, "seed": SEED,
}  # fmt: skip
FIGURES = (
    Figure("into the lake, lasting", "messages/s"),
    Figure("into the lake, lasting, events", "events/s"),
    Figure("half of it, acknowledged after, p50", "ms"),
    Figure("half of it, acknowledged after, p99", "ms"),
    Figure("visible in SQL after, median", "s"),
    Figure("visible in SQL after, p95", "s"),
    Figure("visible in SQL after, worst", "s"),
    Figure("messages followed", ""),
    Figure("whole lake, as it is then", "bytes/event"),
)


def rounds(folder: Path, count: int, tell: Tell) -> list[Readings]:
    """In each round: a burst until nothing is pending any more, then half of that rate with somebody watching SQL."""
    return [_round(folder / str(number), f"round {number} of {count}", SEED + 10 * number, tell)
            for number in range(1, count + 1)]  # fmt: skip


def _round(folder: Path, name: str, seed: int, tell: Tell) -> Readings:
    with viewbox_door(folder, lake_paused=False) as door:
        tell(f"{name}: burst, until all of it is in the tables")
        burst = send(door, Load(seconds=BURST_S, connections=CONNECTIONS, seed=seed)).outcome
        settle(door.host)
        lasted_s = burst.elapsed_s + (SYSTEM_CLOCK.now_ms() - burst.ended_at_ms) / 1000
        rate = burst.messages / lasted_s
        tell(f"{name}: half load, until SQL shows it")
        steady = Load(seconds=WATCHED_S, connections=CONNECTIONS, seed=seed + 1, rate_per_s=rate / 2)
        sent, p50_ms, p99_ms, seen_s = _watch(door, folder / "data", steady)
        events = (burst.messages + sent + len(seen_s)) * EVENTS_A_MESSAGE
        balance(door.host, events)
        lake_bytes = size_of(folder / "data" / "lake")
    return {
        "into the lake, lasting": rate,
        "into the lake, lasting, events": rate * EVENTS_A_MESSAGE,
        "half of it, acknowledged after, p50": p50_ms,
        "half of it, acknowledged after, p99": p99_ms,
        "visible in SQL after, median": percentile(seen_s, 0.5),
        "visible in SQL after, p95": percentile(seen_s, 0.95),
        "visible in SQL after, worst": max(seen_s),
        "messages followed": len(seen_s),
        "whole lake, as it is then": lake_bytes / events,
    }


def _watch(door: Door, data_dir: Path, load: Load) -> tuple[int, float, float, list[float]]:
    """Messages of the load, how soon they were acknowledged, and the seconds until probes among them were visible."""
    probes = iter(messages_of(load.seed + 1, 1000))
    pauses = random.Random(load.seed)
    before = counters(door.host).get("received", 0)
    seen_s: list[float] = []
    engine = open_engine(Settings(_env_file=None, data_dir=data_dir))
    try:
        with ThreadPoolExecutor(1) as pool, connect(door.url, compression=None, proxy=None) as socket:
            sending = pool.submit(send, door, load)
            until(
                lambda: sending.done() or counters(door.host).get("received", 0) > before,
                timeout_s=load.timeout_s, what="load at the door",
            )  # fmt: skip
            while not sending.done():
                seen_s.append(_probe(socket, engine, next(probes)))
                time.sleep(pauses.random())  # else each probe would meet the maintainer just after a step
            outcome = sending.result().outcome
    finally:
        engine.close()
    return outcome.messages, outcome.wait_p50_ms, outcome.wait_p99_ms, seen_s


def _probe(socket: ClientConnection, engine: Engine, probe: str) -> float:
    """Seconds from the acknowledgement of a message until a query counts all its events."""
    sent = msgspec.json.decode(probe)
    range_of = {"view": sent["view_id"], "first": sent["events"][0]["seq"], "last": sent["events"][-1]["seq"]}
    count = "SELECT count(*) AS n FROM events WHERE view_id = $view AND seq BETWEEN $first AND $last"
    socket.send(probe)
    answer = json.loads(socket.recv(timeout=PROBE_TIMEOUT_S))
    if "ack" not in answer or answer.get("rejected"):
        raise BenchmarkFailed(f"the answer to a probe was {answer}")
    acknowledged = time.monotonic()

    def visible() -> bool:
        found = engine.query(count, range_of).column("n")[0].as_py()
        return bool(found == len(sent["events"]))

    until(visible, timeout_s=PROBE_TIMEOUT_S, what="probe in SQL", poll_s=PROBE_POLL_S)
    return time.monotonic() - acknowledged
