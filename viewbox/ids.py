"""Identifiers: random video ids, time-ordered view ids (UUIDv7, RFC 9562) and the date inside them."""

from __future__ import annotations

import re
import secrets
import uuid
from datetime import date

from viewbox.clock import SYSTEM_CLOCK, Clock, to_datetime

ID_PATTERN = re.compile(r"[A-Za-z0-9._:-]{1,64}\Z")
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyz"  # 32 letters, none that people confuse: 5 bits each


def new_video_id() -> str:
    """20 letters = 100 random bits: an id is unlisted because it cannot be guessed."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(20))


def new_view_id(epoch_ms: int | None = None, clock: Clock = SYSTEM_CLOCK) -> str:
    """A UUIDv7 whose first 48 bits are `epoch_ms` (now, when none is given)."""
    ms = clock.now_ms() if epoch_ms is None else epoch_ms
    return uuid7(ms, secrets.token_bytes(10))


def uuid7(epoch_ms: int, random_bytes: bytes) -> str:
    """The UUIDv7 of a time and ten random bytes; the same input gives the same id."""
    rand = int.from_bytes(random_bytes[:10], "big")
    value = (epoch_ms & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (rand >> 68 & 0xFFF) << 64  # version 7, rand_a
    value |= 0b10 << 62 | rand & (1 << 62) - 1  # variant, rand_b
    return str(uuid.UUID(int=value))


def view_epoch_ms(view_id: str) -> int:
    """Milliseconds inside a UUIDv7. Raises ValueError for anything that is not one."""
    if _UUID7.fullmatch(view_id) is None:
        raise ValueError("not a UUIDv7 in canonical lower-case form")
    return int(view_id[:8] + view_id[9:13], 16)


def view_date(view_id: str) -> date:
    """UTC date inside a view_id: the partition of its events."""
    return to_datetime(view_epoch_ms(view_id)).date()
