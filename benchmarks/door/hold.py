"""Connections that do nothing: `python -m benchmarks.door.hold ws://… COUNT SEED`, until its stdin is closed.

Each asks for compression, as browsers do, sends one message and hears its answer. Then a line on stdout says so.
"""

from __future__ import annotations

import asyncio
import sys

import uvloop
from picows import WSFrame, WSListener, WSTransport, ws_connect

from benchmarks.door.messages import Messages

CONNECTS_AT_ONCE = 50
BROWSER = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}


class Held(WSListener):  # type: ignore[misc]  # a class of a compiled module
    """One connection; `heard` once its message is answered, compressed or not."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()

    def on_ws_frame(self, _transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == 1:
            self.heard.set()


async def hold(url: str, count: int, seed: int) -> None:
    messages = Messages(seed, pool=count)
    gate = asyncio.Semaphore(CONNECTS_AT_ONCE)
    transports = []

    async def one() -> None:
        async with gate, asyncio.timeout(60):
            transport, held = await ws_connect(Held, url, extra_headers=BROWSER, websocket_handshake_timeout=30)
            transports.append(transport)
            transport.send(1, messages.take().payload)
            await held.heard.wait()

    await asyncio.gather(*(one() for _ in range(count)))
    print("held", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for transport in transports:
        transport.disconnect()


def main() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(hold(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))


if __name__ == "__main__":
    main()
