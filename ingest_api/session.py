"""One WebSocket on /v1/views: text frames in, exactly one answer per frame out, in the order of the frames.

          accept                     disconnect, idle, close
CONNECTING ─────► OPEN ─────────────────────────────────► CLOSED
    └─────────── bad token: accept, close 1008 ──────────────▲

Reading and answering run side by side: while one batch of messages is on its way to the disk, the next ones gather.
A full inbox stops the reading, and TCP slows the sender down.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ingest_api.limits import IDLE_S, MAX_IN_FLIGHT, OVERLOAD_RETRY_MS, RateBucket
from ingest_api.telemetry import Telemetry
from viewbox.errors import Overloaded
from viewbox.events import MAX_MESSAGE_BYTES
from viewbox.intake import Answer
from viewbox.spool import SpoolBroken

CLOSE_IDLE = 1000
CLOSE_TOO_BIG = 1009
_encode = msgspec.json.Encoder().encode

Accept = Callable[[Sequence[bytes]], Awaitable[list[Answer]]]
Refuse = Callable[[bytes, str, str], Awaitable[Answer]]


class State(enum.Enum):
    CONNECTING = "connecting"
    OPEN = "open"
    CLOSED = "closed"


class SocketClosed(Exception):
    """The client left before its answer."""


class RetryAfter(msgspec.Struct, frozen=True):
    """Nothing of this message was stored; send it again later."""

    retry_after_ms: int


class Binary(msgspec.Struct, frozen=True):
    """A frame that is not text: one dead letter."""

    payload: bytes


Item = bytes | Binary | RetryAfter  # what waits in the inbox: a message, or what is known about it already


class Session:
    """Runs one accepted or refused connection to its end. `accept` stores messages and gives their answers."""

    def __init__(
        self, socket: WebSocket, *, accept: Accept, refuse: Refuse, bucket: RateBucket, telemetry: Telemetry
    ) -> None:
        self._socket = socket
        self._accept = accept
        self._refuse = refuse
        self._bucket = bucket
        self._telemetry = telemetry
        self._inbox: asyncio.Queue[Item | None] = asyncio.Queue(MAX_IN_FLIGHT)
        self.state = State.CONNECTING

    async def run(self) -> None:
        """Serve until the client leaves, is idle for too long, or sends what closes the connection."""
        self._move(State.OPEN)
        await self._socket.accept()
        reading = asyncio.create_task(self._read())
        answering = asyncio.create_task(self._answer())
        try:
            await asyncio.wait({reading, answering}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():  # what was read still gets its answers
                await answering
                code = await reading
                if code is not None:
                    await self._socket.close(code)
            else:
                await answering  # it ends first only by failing: the client is gone
        except (WebSocketDisconnect, SocketClosed):
            pass
        finally:
            reading.cancel()
            answering.cancel()
            self._move(State.CLOSED)

    async def _read(self) -> int | None:
        """Fill the inbox, None at its end. Returns the code to close with, or None when the client has left."""
        try:
            return await self._fill()
        finally:
            await self._inbox.put(None)

    async def _fill(self) -> int | None:
        while True:
            try:
                frame = await asyncio.wait_for(self._socket.receive(), IDLE_S)
            except TimeoutError:
                self._telemetry.refused("websocket_idle")
                return CLOSE_IDLE
            if frame["type"] == "websocket.disconnect":
                if frame.get("code") == CLOSE_TOO_BIG:  # the server refused the frame by its header
                    self._telemetry.refused("message_too_big")
                return None
            item = self._item(frame)
            if isinstance(item, int):
                return item
            await self._inbox.put(item)

    def _item(self, frame: Any) -> Item | int:
        wait_ms = self._bucket.wait_ms()
        if wait_ms:
            self._telemetry.refused("intake_rate")
            return RetryAfter(wait_ms)
        text = frame.get("text")
        raw = frame.get("bytes") or b"" if text is None else text.encode("utf-8", "surrogatepass")
        if len(raw) > MAX_MESSAGE_BYTES:
            self._telemetry.refused("message_too_big")
            return CLOSE_TOO_BIG
        return Binary(raw) if text is None else raw

    async def _answer(self) -> None:
        """Empty the inbox in order: consecutive messages share one trip to the disk."""
        while True:
            items = [await self._inbox.get()]
            while not self._inbox.empty():
                items.append(self._inbox.get_nowait())
            for run in _runs([item for item in items if item is not None]):
                for answer in await self._answers(run):
                    await self._send(_encode(answer).decode())
            if items[-1] is None:
                return

    async def _answers(self, run: list[Item]) -> Sequence[Answer | RetryAfter]:
        first = run[0]
        try:
            if isinstance(first, RetryAfter):
                return [first]
            if isinstance(first, Binary):
                return [await self._refuse(first.payload, "not_text", "send each message as one text frame of JSON")]
            return await self._accept([item for item in run if isinstance(item, bytes)])
        except Overloaded as error:
            self._telemetry.refused("intake_overloaded")
            return [RetryAfter(error.retry_after_ms)] * len(run)
        except SpoolBroken:
            self._telemetry.refused("spool_broken")
            return [RetryAfter(OVERLOAD_RETRY_MS)] * len(run)

    async def _send(self, text: str) -> None:
        if self._socket.client_state is WebSocketState.DISCONNECTED:
            raise SocketClosed
        await self._socket.send_text(text)

    def _move(self, state: State) -> None:
        allowed = {State.CONNECTING: {State.OPEN}, State.OPEN: {State.CLOSED}, State.CLOSED: set()}
        if state not in allowed[self.state]:
            raise RuntimeError(f"a session does not go from {self.state.value} to {state.value}")
        self.state = state


def _runs(items: Sequence[Item]) -> list[list[Item]]:
    """Consecutive messages together, everything else alone.

    >>> _runs([b"a", b"b", RetryAfter(5), b"c"])
    [[b'a', b'b'], [RetryAfter(retry_after_ms=5)], [b'c']]
    """
    runs: list[list[Item]] = []
    for item in items:
        if isinstance(item, bytes) and runs and isinstance(runs[-1][-1], bytes):
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs
