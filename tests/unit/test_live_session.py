"""A page that does not read gets the newest state when it reads again, and is let go when it never does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.websockets import WebSocket

from ingest_api.live import session
from ingest_api.live.listener import Goodbye, Listener
from ingest_api.telemetry import Telemetry


class Line:
    """An ASGI connection whose writing side can be held."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.begun: asyncio.Queue[str] = asyncio.Queue()  # texts as their sending begins
        self.written: asyncio.Queue[str] = asyncio.Queue()  # and as it ends
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.incoming.put_nowait({"type": "websocket.connect"})

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.send":
            self.begun.put_nowait(message["text"])
        await self.may_write.wait()
        self.sent.append(message)
        if message["type"] == "websocket.send":
            self.written.put_nowait(message["text"])

    async def receive(self) -> Any:
        return await self.incoming.get()


def with_line(scene: Callable[[Line, Listener, Telemetry, asyncio.Task[None]], Awaitable[None]]) -> None:
    async def play() -> None:
        line, listener, telemetry = Line(), Listener(), Telemetry()
        socket = WebSocket({"type": "websocket", "headers": []}, line.receive, line.send)
        await socket.accept()
        running = asyncio.create_task(session.run(socket, listener, telemetry))
        await scene(line, listener, telemetry, running)
        line.incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(running, 5)

    asyncio.run(play())


async def texts(queue: asyncio.Queue[str], count: int) -> list[str]:
    async with asyncio.timeout(5):
        return [await queue.get() for _ in range(count)]


def test_a_slow_page_gets_the_newest_of_each_kind_and_nothing_old():
    async def scene(line: Line, listener: Listener, _telemetry: Telemetry, _running: asyncio.Task[None]) -> None:
        line.may_write.clear()
        listener.put("live", "live 1")
        assert await texts(line.begun, 1) == ["live 1"]
        assert listener.put("progress", "progress 1") is False
        superseded = [listener.put("live", f"live {number}") for number in range(2, 6)]
        assert superseded == [False, True, True, True]
        assert listener.put("progress", "progress 2") is True
        line.may_write.set()
        assert await texts(line.written, 3) == ["live 1", "progress 2", "live 5"]

    with_line(scene)


def test_a_page_that_never_reads_is_let_go_and_counted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(session, "LIVE_SEND_S", 0.01)

    async def scene(line: Line, listener: Listener, telemetry: Telemetry, running: asyncio.Task[None]) -> None:
        line.may_write.clear()
        listener.put("live", "live 1")
        await asyncio.wait_for(asyncio.shield(running), 5)
        assert telemetry.refusals() == {"live_reader_stuck": 1}
        assert line.written.empty()

    with_line(scene)


def test_a_goodbye_comes_before_all_news():
    async def scene(line: Line, listener: Listener, _telemetry: Telemetry, running: asyncio.Task[None]) -> None:
        listener.put("live", "live 1")
        listener.dismiss(Goodbye(4404, "no such video"))
        await asyncio.wait_for(asyncio.shield(running), 5)
        assert line.written.empty()
        assert line.sent[-1] == {"type": "websocket.close", "code": 4404, "reason": "no such video"}

    with_line(scene)


def test_a_page_that_leaves_ends_the_session():
    async def scene(line: Line, listener: Listener, telemetry: Telemetry, _running: asyncio.Task[None]) -> None:
        listener.put("live", "live 1")
        assert await texts(line.written, 1) == ["live 1"]
        assert telemetry.refusals() == {}

    with_line(scene)
