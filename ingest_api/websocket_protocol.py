"""uvicorn's WebSocket protocol, with a goodbye that arrives, and a short way for frames.

A frame beyond the size limit is refused by its header, while its sender still writes. Closing the socket at that
moment makes the kernel answer the rest with a reset, and the sender loses the close frame that tells it why (1009).
So the rest is read and thrown away for a moment, and the socket closed then.

An ASGI application gets each message through a queue, and a task that is woken. To one that finds this protocol in its
scope, under `extensions`, and attaches itself, frames go by a plain call, and answers come back by another.
"""

from __future__ import annotations

from collections.abc import Callable

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

EXTENSION = "viewbox.direct"
NO_STATUS = 1005  # a connection that ended without a close frame
LINGER_S = 3.0  # at most
QUIET_S = 0.2  # a sender that says nothing for so long has heard us
LINGER_BYTES = 32 * 1024 * 1024  # a sender that goes on and on is cut off


class _Nobody:
    """The queue of an application that does not read it."""

    def put_nowait(self, _message: object) -> None: ...


_NOBODY = _Nobody()


class DirectWebSockets(WebSocketsSansIOProtocol):
    """`ingest_api.session.Direct`, for the one application that asks for it."""

    _take: Callable[[bytes, bool], None] | None = None
    _resume: Callable[[], None] | None = None
    _ended: Callable[[int], None] | None = None

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:  # the application's task has not begun yet
            self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment]

    async def run_asgi(self) -> None:
        """As uvicorn does, but that an application which attached itself may return: its connection goes on."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            self.logger.exception("Exception in ASGI application\n")
            self.send_500_response()
        else:
            if not self.handshake_complete:
                self.logger.error("ASGI callable returned without completing handshake.")
                self.send_500_response()
        if self._take is None and self.close_timer is None:
            self.transport.close()

    def attach(
        self, take: Callable[[bytes, bool], None], resume: Callable[[], None], ended: Callable[[int], None]
    ) -> None:
        self._take, self._resume, self._ended = take, resume, ended
        # What the handshake needed is most of what a waiting connection would hold.
        self.scope = {}  # type: ignore[typeddict-item]
        self.queue = _NOBODY  # type: ignore[assignment]
        del self.request, self.response

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        closed = self.conn.close_sent or self.conn.close_rcvd
        self.say_ended(closed.code if closed is not None else NO_STATUS)

    def say_ended(self, code: int) -> None:
        """Tell the application, once, that nothing more will come."""
        ended, self._ended = self._ended, None
        if ended is not None:
            ended(code)

    def close_with(self, code: int) -> None:
        if self.disconnected or self.close_sent:
            return
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.resume_frames()  # for the peer's goodbye
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)

    @property
    def is_writable(self) -> bool:
        return self.writable.is_set()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._resume is not None:
            self._resume()

    def send_receive_event_to_app(self) -> None:
        is_text = self.curr_msg_data_type == "text"
        if self._take is None or self.close_sent:
            super().send_receive_event_to_app()
            return
        payload = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        if is_text and not payload.isascii() and not _is_utf8(payload):
            super().send_receive_event_to_app()  # it says 1007
            return
        self.frames = []
        self._take(bytes(payload), is_text)

    def write_text(self, payload: bytes) -> None:
        if self.disconnected or self.close_sent:
            return
        size = len(payload)  # a frame of the server: final, not masked (RFC 6455, 5.2)
        head = b"\x81" + (bytes((size,)) if size < 126 else b"\x7e" + size.to_bytes(2) if size < 65_536
                          else b"\x7f" + size.to_bytes(8))  # fmt: skip
        self.transport.write(head + payload)

    def pause_frames(self) -> None:
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume_frames(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()


class LingeringWebSockets(DirectWebSockets):
    """Reads on after a protocol error until the peer closes, a time, or a number of bytes."""

    _left = LINGER_BYTES
    _lingers = False
    _deadline = 0.0

    def handle_parser_exception(self) -> None:
        if self._lingers:
            return
        self._lingers = True
        assert self.conn.close_sent is not None
        code, reason = self.conn.close_sent.code, self.conn.close_sent.reason
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.say_ended(code)
        self.read_paused = False
        self.resume_frames()
        self._deadline = self.loop.time() + LINGER_S
        self._close_when_quiet()

    def keepalive_timeout(self) -> None:
        """A peer that answers no ping may not read either: what is still unsent must not keep its socket for ever."""
        super().keepalive_timeout()
        self.loop.call_later(LINGER_S, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        if not self._lingers:
            super().data_received(data)
            return
        self._left -= len(data)
        if self._left < 0 or self.loop.time() > self._deadline:
            self.transport.close()
        else:
            self._close_when_quiet()

    def _close_when_quiet(self) -> None:
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(QUIET_S, self.transport.close)


def _is_utf8(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True
