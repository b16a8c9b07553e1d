"""One WebSocket on /v1/views: text frames in, exactly one answer per frame out, in the order of the frames.

          accept                     disconnect, idle, close
CONNECTING ─────► OPEN ─────────────────────────────────► CLOSED
    └─────────── bad token: accept, close 1008 ──────────────▲

While messages are on their way to the disk, the next ones are read. With too much of one connection in flight its
socket is not read, and TCP slows the sender down.

Frames come and answers go by ASGI, on any server; where the server is ours, they go hand to hand (`Direct`): no queue,
no task is woken for a message, and that is half of what a small message costs.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import functools
from collections.abc import Callable
from typing import Protocol

import msgspec
from starlette.types import Receive, Send

from ingest_api.desk import RetryAfter, Told
from ingest_api.limits import IDLE_S, MAX_IN_FLIGHT, MAX_IN_FLIGHT_BYTES, RateBucket
from ingest_api.telemetry import Telemetry
from viewbox.client import ClientFacts
from viewbox.events import MAX_MESSAGE_BYTES
from viewbox.intake import Answer

CLOSE_IDLE = 1000
CLOSE_TOO_BIG = 1009
_encode = msgspec.json.Encoder().encode


class State(enum.Enum):
    CONNECTING = "connecting"
    OPEN = "open"
    CLOSED = "closed"


class Counter(Protocol):
    """Where messages are handed in: `Desk` in service."""

    def submit(self, raw: bytes, facts: ClientFacts, tell: Told) -> None: ...

    def submit_unreadable(self, raw: bytes, code: str, hint: str, tell: Told) -> None: ...


class Direct(Protocol):
    """The server's own side of a connection, which a session may be `attached` to once it is accepted."""

    is_writable: bool

    def attach(
        self, take: Callable[[bytes, bool], None], resume: Callable[[], None], ended: Callable[[int], None]
    ) -> None:
        """From now on each frame goes to `take(payload, is_text)`; `resume` is called when writing goes on.

        The application may return: the connection lives on by itself, and `ended(close code)` is called at its end.
        """

    def write_text(self, payload: bytes) -> None: ...

    def close_with(self, code: int) -> None: ...

    def pause_frames(self) -> None: ...

    def resume_frames(self) -> None: ...


class _Slot:
    """A frame's place in the order of answers. `answer` None: there is none yet."""

    __slots__ = ("answer", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.answer: bytes | None = None


class Session:
    """Runs one connection of any ASGI server to its end, from the handshake on."""

    def __init__(
        self,
        receive: Receive,
        send: Send,
        *,
        desk: Counter,
        facts: ClientFacts,
        bucket: RateBucket,
        telemetry: Telemetry,
        direct: Direct | None = None,
    ) -> None:
        self._receive = receive
        self._send = send
        self._direct = direct
        self._desk = desk
        self._facts = facts
        self._bucket = bucket
        self._telemetry = telemetry
        self._slots: list[_Slot] = []  # of frames whose answer is not written yet, oldest first
        self._bytes = 0  # of those frames
        self._answered: asyncio.Future[None] | None = None  # whoever writes answers waits for it
        self._room: asyncio.Future[None] | None = None  # whoever reads waits for it
        self._is_paused = False  # the server reads no frames
        self._was_heard = False  # since the last look
        self._has_ended = False  # nothing more is read
        self.state = State.CONNECTING

    async def run(self) -> None:
        """Accept, then serve until the client leaves, is idle for too long, or sends what closes the connection.

        Attached to the server it returns at once: five thousand waiting connections are then five thousand sessions,
        without a task and a stack of frames each.
        """
        loop = asyncio.get_running_loop()
        self._move(State.OPEN)
        self._telemetry.move("websocket_connections", 1)
        self._watch = loop.call_later(IDLE_S, self._look)
        try:
            await self._send({"type": "websocket.accept"})
        except BaseException:
            self._end()
            raise
        if self._direct is not None:
            self._direct.attach(self._take, self._write, self._end_of_direct)
            del self._receive, self._send  # they hold all that led here
            return
        answering = loop.create_task(self._answer())
        try:
            code = await self._read()
            if code is not None:  # what was read still gets its answers
                self._has_ended = True
                _wake(self._answered)
                await answering
                with contextlib.suppress(OSError):
                    await self._send({"type": "websocket.close", "code": code, "reason": ""})
        finally:
            answering.cancel()
            self._end()

    def _end_of_direct(self, code: int) -> None:
        if code == CLOSE_TOO_BIG:  # the server refused the frame by its header
            self._telemetry.refused("message_too_big")
        self._end()

    def _end(self) -> None:
        self._has_ended = True
        self._watch.cancel()
        self._telemetry.move("websocket_connections", -1)
        self._move(State.CLOSED)

    # --- frames in -----------------------------------------------------------------------------------------------

    async def _read(self) -> int | None:
        """Take what comes by ASGI. Returns the code to close with, or None when the connection is closed."""
        while True:
            frame = await self._receive()
            if frame["type"] == "websocket.disconnect":
                if frame.get("code") == CLOSE_TOO_BIG:  # the server refused the frame by its header
                    self._telemetry.refused("message_too_big")
                return None
            text = frame.get("text")
            raw = frame.get("bytes") or b"" if text is None else text.encode("utf-8", "surrogatepass")
            if len(raw) > MAX_MESSAGE_BYTES:
                self._telemetry.refused("message_too_big")
                return CLOSE_TOO_BIG
            self._take(raw, text is not None)
            while self._is_full() and not self._has_ended:
                self._room = asyncio.get_running_loop().create_future()
                await self._room

    def _take(self, raw: bytes, is_text: bool) -> None:
        """Hand in one frame, or tell at once what to do with it instead."""
        self._was_heard = True
        slot = _Slot(len(raw))
        self._slots.append(slot)
        self._bytes += slot.size
        tell = functools.partial(self._tell, slot)
        wait_ms = self._bucket.wait_ms()
        if wait_ms:
            self._telemetry.refused("intake_rate")
            tell(RetryAfter(wait_ms))
        elif is_text:
            self._desk.submit(raw, self._facts, tell)
        else:
            self._desk.submit_unreadable(raw, "not_text", "send each message as one text frame of JSON", tell)
        if self._direct is not None and not self._is_paused and self._is_full():
            self._is_paused = True
            self._direct.pause_frames()

    def _is_full(self) -> bool:
        return len(self._slots) >= MAX_IN_FLIGHT or self._bytes >= MAX_IN_FLIGHT_BYTES

    # --- answers out ---------------------------------------------------------------------------------------------

    def _tell(self, slot: _Slot, answer: Answer | RetryAfter) -> None:
        slot.answer = _encode(answer)
        if self._slots and self._slots[0] is slot:
            if self._direct is not None:
                self._write()
            else:
                _wake(self._answered)

    def _write(self) -> None:
        """Hand out what is answered, in the order of the frames, as long as the client takes it."""
        assert self._direct is not None
        while self._slots and self._direct.is_writable and (answer := self._slots[0].answer) is not None:
            self._bytes -= self._slots.pop(0).size
            if not self._has_ended:
                self._direct.write_text(answer)
        if self._is_paused and not self._is_full():
            self._is_paused = False
            self._direct.resume_frames()

    async def _answer(self) -> None:
        """The same by ASGI. It ends with the last answer, or with the client."""
        loop = asyncio.get_running_loop()
        while True:
            while self._slots and (answer := self._slots[0].answer) is not None:
                try:
                    await self._send({"type": "websocket.send", "text": answer.decode()})
                except OSError:  # the client left before its answer
                    self._has_ended = True
                    _wake(self._room)
                    return
                self._bytes -= self._slots.pop(0).size
                _wake(self._room)
            if self._has_ended and not self._slots:
                return
            self._answered = loop.create_future()
            await self._answered

    # --- silence -------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Close the connection of a client that said nothing since the last look, IDLE_S ago."""
        loop = asyncio.get_running_loop()
        if self._was_heard or self._slots:
            self._was_heard = False
            self._watch = loop.call_later(IDLE_S, self._look)
            return
        self._telemetry.refused("websocket_idle")
        if self._direct is not None:
            self._direct.close_with(CLOSE_IDLE)
        else:
            self._closing = loop.create_task(self._close_idle())

    async def _close_idle(self) -> None:
        with contextlib.suppress(OSError):  # it left at this moment
            await self._send({"type": "websocket.close", "code": CLOSE_IDLE, "reason": ""})

    def _move(self, state: State) -> None:
        allowed = {State.CONNECTING: {State.OPEN}, State.OPEN: {State.CLOSED}, State.CLOSED: set()}
        if state not in allowed[self.state]:
            raise RuntimeError(f"a session does not go from {self.state.value} to {state.value}")
        self.state = state


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)
