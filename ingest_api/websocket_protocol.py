"""uvicorn's WebSocket protocol, with a goodbye that arrives.

A frame beyond the size limit is refused by its header, while its sender still writes. Closing the socket at that
moment makes the kernel answer the rest with a reset, and the sender loses the close frame that tells it why (1009).
So the rest is read and thrown away for a moment, and the socket closed then.
"""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

LINGER_S = 3.0  # at most
QUIET_S = 0.2  # a sender that says nothing for so long has heard us
LINGER_BYTES = 32 * 1024 * 1024  # a sender that goes on and on is cut off


class LingeringWebSockets(WebSocketsSansIOProtocol):
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
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
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
