"""The load generator, a process of its own: `python -m benchmarks.load ws://… '{"messages": 4000, …}'`.

Prints one JSON object, `Outcome`. Messages are made before the clock starts, acknowledgements are read after it stops.
Full load is a closed loop: each connection keeps `in_flight` messages unanswered. A given rate is an open loop:
messages leave at their scheduled moments, and each wait counts from that moment: a slow answer hides no later one.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator
from itertools import islice

import msgspec
import uvloop
from websockets.asyncio.client import ClientConnection, connect

from viewbox.clock import SYSTEM_CLOCK
from viewbox.testing import Audience

VIDEO_S = 600.0
VIDEO_ID = "benchmark"
EVENTS_A_MESSAGE = 20
HOURS = 3.0  # views began within; the door looks at what is new, as it would in service


class Load(msgspec.Struct, frozen=True):
    """What to send. `rate_per_s` None: as fast as the answers come. `seed`: no two loads share a view."""

    messages: int
    connections: int
    in_flight: int
    seed: int
    rate_per_s: float | None = None
    echo_times: int = 0  # above 0: the answers are the messages themselves, and all are sent that often
    timeout_s: float = 120.0


class Outcome(msgspec.Struct, frozen=True):
    """`elapsed_s` from the first message sent to the last answer; `wait_*` from a message to its answer."""

    messages: int
    elapsed_s: float
    ended_at_ms: int
    wait_p50_ms: float
    wait_p99_ms: float


def messages_of(load: Load) -> list[str]:
    """Messages of EVENTS_A_MESSAGE events each, view after view."""
    return list(islice(_full_messages(load.seed), load.messages))


def _full_messages(seed: int) -> Iterator[str]:
    now_ms = SYSTEM_CLOCK.now_ms()
    audience = Audience(seed, VIDEO_ID, VIDEO_S, sys.maxsize, now_ms, HOURS / 24)
    index = 0
    while True:
        for message in audience.view(index).messages(sent_at_ms=now_ms, max_events=EVENTS_A_MESSAGE):
            if len(message["events"]) == EVENTS_A_MESSAGE:  # a view's last message is mostly shorter: left out
                yield json.dumps(message)
        index += 1


async def run(url: str, load: Load) -> Outcome:
    """Send all of it. Raises ValueError when a message gets another answer than it should."""
    messages = messages_of(load)
    async with asyncio.timeout(load.timeout_s):
        sockets = [await _open(url) for _ in range(load.connections)]
        try:
            shares = [messages[number :: load.connections] * max(1, load.echo_times) for number in range(len(sockets))]
            lines = [_Line(*line, echoed=load.echo_times > 0) for line in zip(sockets, shares, strict=True)]
            started = time.perf_counter()
            async with asyncio.TaskGroup() as group:
                for number, line in enumerate(lines):
                    group.create_task(line.hear())
                    if load.rate_per_s is None:
                        group.create_task(line.send_freely(load.in_flight))
                    else:
                        step_s = load.connections / load.rate_per_s
                        group.create_task(line.send_on_time(started + number / load.rate_per_s, step_s))
            elapsed_s, ended_at_ms = time.perf_counter() - started, SYSTEM_CLOCK.now_ms()
        finally:
            for socket in sockets:
                await socket.close()
    for line in lines:
        line.check()
    waits_s = [wait_s for line in lines for wait_s in line.waits_s]
    percentiles_s = statistics.quantiles(waits_s, n=100, method="inclusive")
    return Outcome(len(waits_s), elapsed_s, ended_at_ms, percentiles_s[49] * 1000, percentiles_s[98] * 1000)


async def _open(url: str) -> ClientConnection:
    return await connect(url, compression=None, max_size=None, proxy=None, ping_interval=None)


class _Line:
    """One connection and its share of the messages; answers come in the order of the frames."""

    def __init__(self, socket: ClientConnection, messages: list[str], *, echoed: bool) -> None:
        self._socket = socket
        self._messages = messages
        self._echoed = echoed
        self._acks: list[str | bytes] = []
        self._due: list[float] = []  # when each message left, or should have
        self._answered = asyncio.Event()
        self.waits_s: list[float] = []

    async def hear(self) -> None:
        for number, message in enumerate(self._messages):
            answer = await self._socket.recv()
            self.waits_s.append(time.perf_counter() - self._due[number])
            self._answered.set()
            if not self._echoed:
                self._acks.append(answer)
            elif answer != message:
                raise ValueError(f"the echo of a message was {answer[:300]!r}")

    async def send_freely(self, in_flight: int) -> None:
        for number, message in enumerate(self._messages):
            while number - len(self.waits_s) >= in_flight:
                self._answered.clear()
                await self._answered.wait()
            self._due.append(time.perf_counter())
            await self._socket.send(message)

    async def send_on_time(self, first_at: float, step_s: float) -> None:
        for number, message in enumerate(self._messages):
            due = first_at + number * step_s
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self._due.append(due)
            await self._socket.send(message)

    def check(self) -> None:
        """Each acknowledgement is of all events of its message. Raises ValueError."""
        if self._echoed:  # compared as they came
            return
        for message, answer in zip(self._messages, self._acks, strict=True):
            sent, said = json.loads(message), json.loads(answer)
            acked = said.get("ack", {})
            whole = acked.get("view_id") == sent["view_id"] and acked.get("seq") == sent["events"][-1]["seq"]
            if not whole or said.get("rejected"):
                raise ValueError(f"the answer to a message was {answer[:300]!r}")


def main() -> None:
    load = msgspec.json.decode(sys.argv[2], type=Load)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(run(sys.argv[1], load))
    sys.stdout.write(msgspec.json.encode(outcome).decode())


if __name__ == "__main__":
    main()
