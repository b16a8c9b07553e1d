"""The load generator, a process of its own: `python -m benchmarks.door.load ws://… '{"seconds": 10, …}'`.

Prints one JSON object, `Outcome`. picows takes the frames, so that on one core more can be sent than a server on
another can answer; `cpu` says how near that came to the truth. Full load is a closed loop: each connection keeps
`in_flight` messages unanswered. A given rate is an open loop: messages leave at their scheduled moments, round the
connections, and each wait counts from that moment: a slow answer hides no later one. Every answer is looked at.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections import deque
from typing import Literal

import msgspec
import uvloop
from picows import WSFrame, WSListener, WSTransport, ws_connect

from benchmarks.door.jetstream import JetStream
from benchmarks.door.messages import EVENTS_A_MESSAGE, Messages
from viewbox.clock import SYSTEM_CLOCK

TICK_S = 0.001  # of the open loop
CONNECTS_AT_ONCE = 50
MAX_FAULTS = 3  # shown; all are counted
_REJECTED = b'"rejected"'


class Load(msgspec.Struct, frozen=True):
    """What to send for how long. `rate_per_s` None: as fast as the answers come. `seed`: no two loads share a view.

    `answers`: acknowledgements of ViewBox, the messages themselves, or acknowledgements of JetStream. `tolerant`:
    a `retry_after_ms` is counted instead of being a fault, and its message is not sent again.
    """

    seconds: float
    connections: int
    seed: int
    in_flight: int = 1
    events: int = EVENTS_A_MESSAGE
    rate_per_s: float | None = None
    answers: Literal["acks", "echo", "jetstream"] = "acks"
    tolerant: bool = False
    most_unanswered: int = 0  # of a connection at a given rate; a message due beyond is kept by its sender, and counted
    timeout_s: float = 60.0  # for connecting, and for the last answers


class Outcome(msgspec.Struct, frozen=True):
    """`elapsed_s` from the first message sent to the last answer; `wait_*` from a message to its answer.

    `messages` were acknowledged, `refused` were told to come again, `kept` were never sent, `faults` are any other
    answer or none.
    `cpu`: processor time of this generator per second.
    """

    messages: int
    refused: int
    kept: int
    faults: int
    elapsed_s: float
    ended_at_ms: int
    wait_p50_ms: float
    wait_p99_ms: float
    cpu: float
    examples: list[str]


class Board:
    """What all connections share: the supply, the books, and when it is over."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.messages = Messages(load.seed, load.events)
        self.jetstream = JetStream() if load.answers == "jetstream" else None
        self.waits_s: list[float] = []
        self.refused = 0
        self.kept = 0
        self.faults = 0
        self.examples: list[str] = []
        self.unanswered = 0
        self.sending = True
        self.done = asyncio.Event()

    def fault(self, what: str) -> None:
        self.faults += 1
        if len(self.examples) < MAX_FAULTS:
            self.examples.append(what)

    def look_if_done(self) -> None:
        if not self.sending and self.unanswered == 0:
            self.done.set()


class Line(WSListener):  # type: ignore[misc]  # a class of a compiled module
    """One connection; answers come in the order of the frames."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._due: deque[tuple[float, bytes]] = deque()  # when it left, or should have, and what the answer must be
        self._kind = board.load.answers
        self.transport: WSTransport | None = None
        self.ends_at = 0.0  # of a closed loop
        self.ready = asyncio.Event()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        if self._board.jetstream is not None:
            self._board.jetstream.greet(transport)
        else:
            self.ready.set()

    def send_on_time(self, due: float) -> None:
        """Send what is due, or keep it when too much is unanswered."""
        if 0 < self._board.load.most_unanswered <= len(self._due):
            self._board.kept += 1
        else:
            self.send_next(due)

    def send_next(self, due: float) -> None:
        payload, answer = self._board.messages.take()
        self._due.append((due, payload if self._kind == "echo" else answer))
        self._board.unanswered += 1
        assert self.transport is not None
        if self._board.jetstream is not None:
            self._board.jetstream.publish(self.transport, payload)
        else:
            self.transport.send(1, payload)  # a text frame

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type not in (1, 2):
            if frame.msg_type == 8 and self._due:
                self._board.fault(f"closed with {frame.get_close_code()} while {len(self._due)} answers were due")
                self._board.unanswered -= len(self._due)
                self._due.clear()
                self._board.look_if_done()
            return
        said = frame.get_payload_as_bytes()
        if self._board.jetstream is not None:
            answers, faults = self._board.jetstream.hear(transport, said)
            for fault in faults:
                self._board.fault(fault)
            if self._board.jetstream.is_ready:
                self.ready.set()
            for _ in range(answers):
                self._answered(b"")
        else:
            self._answered(said)

    def on_ws_disconnected(self, _transport: WSTransport) -> None:
        if self._due:
            self._board.fault(f"gone while {len(self._due)} answers were due")
            self._board.unanswered -= len(self._due)
            self._due.clear()
            self._board.look_if_done()

    def _answered(self, said: bytes) -> None:
        board = self._board
        due, expected = self._due.popleft()
        now = time.perf_counter()
        if self._kind == "jetstream" or (said.startswith(expected) and _REJECTED not in said):
            board.waits_s.append(now - due)
        elif board.load.tolerant and said.startswith(b'{"retry_after_ms"'):
            board.refused += 1
        else:
            board.fault(f"the answer to a message was {said[:300]!r}")
        board.unanswered -= 1
        if now < self.ends_at:
            self.send_next(now)
        elif not board.sending:
            board.look_if_done()


async def run(url: str, load: Load) -> Outcome:
    """Send all of it. Raises TimeoutError when answers stay out."""
    board = Board(load)
    async with asyncio.timeout(load.timeout_s):
        lines = await _connect(url, load, board)
    cpu, started = time.process_time(), time.perf_counter()
    if load.rate_per_s is None:
        for line in lines:
            line.ends_at = started + load.seconds
            for _ in range(load.in_flight):
                line.send_next(time.perf_counter())
        await asyncio.sleep(load.seconds)
    else:
        await _on_time(lines, started, load.seconds, load.rate_per_s)
    board.sending = False
    board.look_if_done()
    async with asyncio.timeout(load.timeout_s):
        await board.done.wait()
    elapsed_s, ended_at_ms = time.perf_counter() - started, SYSTEM_CLOCK.now_ms()
    used = (time.process_time() - cpu) / elapsed_s
    for line in lines:
        if line.transport is not None:
            line.transport.disconnect()
    waits_ms = [wait_s * 1000 for wait_s in board.waits_s] or [0.0, 0.0]
    percentiles = statistics.quantiles(waits_ms, n=100, method="inclusive")
    return Outcome(
        len(board.waits_s), board.refused, board.kept, board.faults, elapsed_s, ended_at_ms, percentiles[49],
        percentiles[98], used, board.examples,
    )  # fmt: skip


async def _connect(url: str, load: Load, board: Board) -> list[Line]:
    gate = asyncio.Semaphore(CONNECTS_AT_ONCE)

    async def one() -> Line:
        async with gate:
            _transport, line = await ws_connect(lambda: Line(board), url, websocket_handshake_timeout=30)
            await line.ready.wait()
        return line  # type: ignore[no-any-return]

    return await asyncio.gather(*(one() for _ in range(load.connections)))


async def _on_time(lines: list[Line], started: float, seconds: float, rate_per_s: float) -> None:
    number, count = 0, round(seconds * rate_per_s)
    while number < count:
        while number < count and (due := started + number / rate_per_s) <= time.perf_counter():
            lines[number % len(lines)].send_on_time(due)
            number += 1
        await asyncio.sleep(TICK_S)


def main() -> None:
    load = msgspec.json.decode(sys.argv[2], type=Load)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(run(sys.argv[1], load))
    sys.stdout.write(msgspec.json.encode(outcome).decode())


if __name__ == "__main__":
    main()
