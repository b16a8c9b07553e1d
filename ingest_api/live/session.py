"""One WebSocket on /v1/live/{video_id}: pushes out; what a page says is not expected, bounded, and not answered."""

from __future__ import annotations

import asyncio

from starlette.websockets import WebSocket, WebSocketDisconnect

from ingest_api.limits import LIVE_FRAMES_PER_S, LIVE_SEND_S, RateBucket
from ingest_api.live.listener import Goodbye, Listener
from ingest_api.telemetry import Telemetry

CLOSE_TOO_TALKATIVE = 1008


class ReaderStuck(Exception):
    """The page took nothing for LIVE_SEND_S."""


async def run(socket: WebSocket, listener: Listener, telemetry: Telemetry) -> None:
    """Serve an accepted socket until the page leaves, is told to, or says too much."""
    sending = asyncio.create_task(_send(socket, listener))
    reading = asyncio.create_task(_read(socket))
    try:
        await asyncio.wait({sending, reading}, return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            if await reading:
                telemetry.refused("live_too_talkative")
                sending.cancel()  # nothing may follow a close frame
                await socket.close(CLOSE_TOO_TALKATIVE, "this socket speaks; it does not listen")
        else:
            goodbye = await sending
            await socket.close(goodbye.code, goodbye.reason)
    except WebSocketDisconnect:
        pass
    except ReaderStuck:
        telemetry.refused("live_reader_stuck")
    finally:
        sending.cancel()
        reading.cancel()


async def _send(socket: WebSocket, listener: Listener) -> Goodbye:
    """Send what there is until there is a goodbye to say."""
    while True:
        news = await listener.take()
        if isinstance(news, Goodbye):
            return news
        try:
            # Returns once the operating system took it; with a full buffer it waits, and newer states replace older.
            async with asyncio.timeout(LIVE_SEND_S):
                await socket.send_text(news)
        except TimeoutError:
            raise ReaderStuck from None


async def _read(socket: WebSocket) -> bool:
    """Throw away what comes. True when it is too much, False when the page has left."""
    bucket = RateBucket(LIVE_FRAMES_PER_S)
    while True:
        frame = await socket.receive()
        if frame["type"] == "websocket.disconnect":
            return False
        if bucket.wait_ms():
            return True
