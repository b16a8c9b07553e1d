"""Dead letters: what was refused, why, and in a form that can be sent again once the cause is mended."""

from __future__ import annotations

import msgspec

MAX_PAYLOAD_BYTES = 64 * 1024  # what a message may hold; longer ones are cut


class DeadLetter(msgspec.Struct, frozen=True, array_like=True):
    """One refused event, or one unreadable message. `payload` is JSON where what came was JSON."""

    received_at_ms: int
    code: str
    hint: str
    view_id: str | None
    payload: str


def readable(raw: bytes) -> str:
    """Bytes of an unreadable message as text, cut to the bound; what is not UTF-8 shows as �."""
    return raw[:MAX_PAYLOAD_BYTES].decode("utf-8", errors="replace")
