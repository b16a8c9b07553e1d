"""As much of WebSocket (RFC 6455) as a browser needs to talk to the benchmark's host: whole text frames, masked."""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Iterator
from io import BufferedIOBase

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # the RFC's own
TEXT, CLOSE = 0x1, 0x8
LONGEST_BYTES = 1 << 16


def accepting(key: str) -> dict[str, str]:
    """The header that answers a handshake."""
    return {"Sec-WebSocket-Accept": base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()}


def texts_of(stream: BufferedIOBase) -> Iterator[str]:
    """What comes, until the browser closes, leaves, or says something too long."""
    while len(head := stream.read(2)) == 2:
        kind, size = head[0] & 0x0F, head[1] & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", stream.read(2))
        if kind == CLOSE or size > LONGEST_BYTES or size == 127:
            return
        mask, body = stream.read(4), stream.read(size)
        if kind == TEXT and len(body) == size:
            yield bytes(byte ^ mask[at % 4] for at, byte in enumerate(body)).decode()


def frame_of(text: str) -> bytes:
    body = text.encode()
    size = bytes([len(body)]) if len(body) < 126 else b"\x7e" + struct.pack("!H", len(body))
    return bytes([0x80 | TEXT]) + size + body
