"""Durable messages per second through `viewbox serve`, against an echo on the same uvicorn settings.

Every answer counted is an acknowledgement after fsync. The maintainer that takes the events to the lake runs beside the
door on the same cores, and is slower: the door's own rate is that of a burst, the rate into the lake is one that lasts,
and half of the latter is the half load. Each round has servers and a data directory of its own, and ends with the
server's books: every event sent is received and stored once.
"""

from __future__ import annotations

import json
import random
import re
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from websockets.sync.client import ClientConnection, connect

from benchmarks.door.load import EVENTS_A_MESSAGE, Load, Outcome, messages_of
from benchmarks.process import ROOT, BenchmarkFailed, get, run_measured, serving, until
from benchmarks.record import Figure, Readings
from benchmarks.report import Tell
from viewbox.clock import SYSTEM_CLOCK
from viewbox.engine import Engine, open_engine
from viewbox.settings import Settings

TITLE = "events over WebSocket, durable"
STEPS = 4
CONNECTIONS = 8
IN_FLIGHT = 16  # of a connection; the door reads no more than 64
MESSAGES = 12_000  # of a full load
ECHO_TIMES = 4  # an echo answers so fast that one time would be over too soon
HALF_LOAD_S = 6.0
WATCHED_S = 12.0  # half load while messages are followed until SQL shows them
MOST_PROBES = 30  # messages followed
PROBE_POLL_S = 0.1  # it bounds how exactly the way to SQL is known
PROBE_TIMEOUT_S = 30.0
DRAIN_TIMEOUT_S = 120.0
SEED = 20_261_123
PARAMETERS = {
    "connections": CONNECTIONS, "in_flight": IN_FLIGHT, "messages": MESSAGES, "events_a_message": EVENTS_A_MESSAGE,
    "echo_times": ECHO_TIMES, "half_load_s": HALF_LOAD_S, "watched_s": WATCHED_S, "probe_poll_s": PROBE_POLL_S,
    "intake_rate": 0, "seed": SEED,
}  # fmt: skip
FIGURES = (
    Figure("door ÷ echo, messages/s", "×"),
    Figure("into the lake ÷ acknowledged", "×"),
    Figure("acknowledged, full load", "messages/s"),
    Figure("into the lake, full load", "messages/s"),
    Figure("echo, full load", "messages/s"),
    Figure("half load", "messages/s"),
    Figure("acknowledged after, p50", "ms"),
    Figure("acknowledged after, p99", "ms"),
    Figure("visible in SQL after, median", "s"),
    Figure("visible in SQL after, worst", "s"),
)


def rounds(folder: Path, count: int, tell: Tell) -> list[Readings]:
    """In each round: the echo, the door at full load, at half load, and at half load with somebody watching SQL."""
    return [_round(folder / str(number), f"round {number} of {count}", SEED + 10 * number, tell)
            for number in range(1, count + 1)]  # fmt: skip


def _round(folder: Path, name: str, seed: int, tell: Tell) -> Readings:
    data_dir = folder / "data"
    data_dir.mkdir(parents=True)
    tell(f"{name}: echo")
    full = Load(messages=MESSAGES, connections=CONNECTIONS, in_flight=IN_FLIGHT, seed=seed)
    echo = [sys.executable, "-m", "benchmarks.echo"]
    with serving(echo, folder=ROOT, log=folder / "echo.log") as host:
        echo_rate = _rate(_send(f"ws://{host}/", msgspec.structs.replace(full, echo_times=ECHO_TIMES)))
    environment = {
        "VIEWBOX_DATA_DIR": str(data_dir),
        "VIEWBOX_PORT": "0",
        "VIEWBOX_INTAKE_RATE": "0",  # the bound per connection would be measured instead of the door
    }
    serve = [sys.executable, "-m", "viewbox", "serve"]
    with serving(serve, folder=data_dir, log=folder / "serve.log", environment=environment) as host:
        url = f"ws://{host}/v1/views"
        tell(f"{name}: door, full load")
        burst = _send(url, full)
        _settle(host)
        lake_rate = burst.messages / (burst.elapsed_s + (SYSTEM_CLOCK.now_ms() - burst.ended_at_ms) / 1000)
        half = msgspec.structs.replace(
            full, messages=round(lake_rate / 2 * HALF_LOAD_S), rate_per_s=lake_rate / 2, seed=seed + 1
        )
        tell(f"{name}: door, half load")
        steady = _send(url, half)
        _settle(host)
        tell(f"{name}: door, half load, until SQL shows it")
        watched = msgspec.structs.replace(half, messages=round(lake_rate / 2 * WATCHED_S), seed=seed + 2)
        seen_s = _watch(host, data_dir, watched)
        _balance(host, full.messages + half.messages + watched.messages + len(seen_s))
    return {
        "door ÷ echo, messages/s": _rate(burst) / echo_rate,
        "into the lake ÷ acknowledged": lake_rate / _rate(burst),
        "acknowledged, full load": _rate(burst),
        "into the lake, full load": lake_rate,
        "echo, full load": echo_rate,
        "half load": lake_rate / 2,
        "acknowledged after, p50": steady.wait_p50_ms,
        "acknowledged after, p99": steady.wait_p99_ms,
        "visible in SQL after, median": statistics.median(seen_s),
        "visible in SQL after, worst": max(seen_s),
    }


def _send(url: str, load: Load) -> Outcome:
    """A load, sent by a process of its own."""
    argv = [sys.executable, "-m", "benchmarks.load", url, msgspec.json.encode(load).decode()]
    return msgspec.json.decode(run_measured(argv, timeout_s=load.timeout_s + 60).stdout, type=Outcome)


def _rate(outcome: Outcome) -> float:
    return outcome.messages / outcome.elapsed_s


# --- the way to SQL --------------------------------------------------------------------------------------


def _watch(host: str, data_dir: Path, load: Load) -> list[float]:
    """Seconds from acknowledgement to visibility of one message after the other, as long as a load goes on."""
    probes = messages_of(Load(messages=MOST_PROBES, connections=1, in_flight=1, seed=load.seed + 1))
    pauses = random.Random(load.seed)
    before = _counters(host).get("received", 0)
    seen_s: list[float] = []
    engine = open_engine(Settings(_env_file=None, data_dir=data_dir))
    url = f"ws://{host}/v1/views"
    try:
        with ThreadPoolExecutor(1) as pool, connect(url, compression=None, proxy=None) as socket:
            sending = pool.submit(_send, url, load)
            until(
                lambda: sending.done() or _counters(host).get("received", 0) > before,
                timeout_s=load.timeout_s, what="load at the door",
            )  # fmt: skip
            for probe in probes:
                seen_s.append(_probe(socket, engine, probe))
                if sending.done():
                    break
                time.sleep(pauses.random())  # else each probe would meet the maintainer just after a step
            sending.result()
    finally:
        engine.close()
    return seen_s


def _probe(socket: ClientConnection, engine: Engine, probe: str) -> float:
    """Seconds from the acknowledgement of a message until a query counts all its events."""
    sent = json.loads(probe)
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


# --- the server's own books ------------------------------------------------------------------------------


def _counters(host: str) -> dict[str, int]:
    """received, stored, duplicate, dead_lettered and pending events of /metrics."""
    text = get(f"http://{host}/metrics") or ""
    found = re.findall(r"^viewbox_events_([a-z_]+?)(?:_total)? ([0-9]+)$", text, re.MULTILINE)
    return {name: int(value) for name, value in found}


def _settle(host: str) -> None:
    """Wait until the maintainer has nothing left to do, so that one step's backlog does not slow the next."""
    until(lambda: _counters(host).get("pending") == 0, timeout_s=DRAIN_TIMEOUT_S, what="empty spool")


def _balance(host: str, messages: int) -> None:
    """Every event that was acknowledged is stored, once. Raises BenchmarkFailed."""
    _settle(host)
    counters, sent = _counters(host), messages * EVENTS_A_MESSAGE
    if counters.get("received") != sent or counters.get("stored") != sent:
        raise BenchmarkFailed(f"{sent} events were sent, and the door says {counters}")
