"""Messages to another system when an import ended: kept until delivered, signed so that the receiver knows the sender.

A message is written in the transaction that makes it true, so a crash loses none; it may arrive twice, with the same
id. The signature is `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>` under VIEWBOX_WEBHOOK_SECRET.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from viewbox.clock import SYSTEM_CLOCK, Clock
from viewbox.database import reader
from viewbox.ids import new_video_id

SIGNATURE_HEADER = "ViewBox-Signature"
TOLERANCE_S = 300  # how old a signature may be: a message that somebody recorded is worth nothing later
CLAIMED_MS = 60_000  # a sender that died in the middle has lost the message after this time
RETRY_AFTER_S = (5, 30, 120, 600, 3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)  # then it is given up
Type = Literal["video.ready", "video.failed"]
_COLUMNS = ("id", "video_id", "type", "attempts", "due_at_ms", "created_at_ms")
DELIVERIES = sa.table("deliveries", *map(sa.column, _COLUMNS))


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A message in hand. `attempts` counts this one."""

    id: str
    video_id: str
    type: Type
    attempts: int
    created_at_ms: int


class Outbox:
    """What is to be delivered. Thread-safe; several processes may take from it."""

    def __init__(self, engine: Engine, clock: Clock = SYSTEM_CLOCK) -> None:
        self._engine = engine
        self._reader = reader(engine)
        self._clock = clock

    def take(self) -> Delivery | None:
        """The message that waits longest, for CLAIMED_MS; None when none is due."""
        now = self._clock.now_ms()
        query = sa.select(DELIVERIES).where(DELIVERIES.c.due_at_ms <= now).order_by(DELIVERIES.c.due_at_ms).limit(1)
        with self._reader.connect() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            return None
        with self._engine.begin() as connection:
            claim = (
                sa.update(DELIVERIES)
                .where(DELIVERIES.c.id == row["id"], DELIVERIES.c.due_at_ms == row["due_at_ms"])
                .values(due_at_ms=now + CLAIMED_MS, attempts=row["attempts"] + 1)
            )
            if connection.execute(claim).rowcount != 1:
                return None  # another process was faster
        return Delivery(
            id=row["id"], video_id=row["video_id"], type=row["type"], attempts=row["attempts"] + 1,
            created_at_ms=row["created_at_ms"],
        )  # fmt: skip

    def delivered(self, delivery: Delivery) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(DELIVERIES).where(DELIVERIES.c.id == delivery.id))

    def failed(self, delivery: Delivery) -> bool:
        """Try again later; False when it was the last attempt, and the message is given up."""
        if delivery.attempts > len(RETRY_AFTER_S):
            self.delivered(delivery)
            return False
        due_at_ms = self._clock.now_ms() + RETRY_AFTER_S[delivery.attempts - 1] * 1000
        with self._engine.begin() as connection:
            connection.execute(sa.update(DELIVERIES).where(DELIVERIES.c.id == delivery.id).values(due_at_ms=due_at_ms))
        return True


def post(connection: Connection, video_id: str, kind: Type, now_ms: int) -> None:
    """Add a message, in the caller's transaction."""
    connection.execute(
        sa.insert(DELIVERIES).values(
            id=new_video_id(), video_id=video_id, type=kind, attempts=0, due_at_ms=now_ms, created_at_ms=now_ms
        )
    )


def sign(body: bytes, secret: str, now_s: int) -> str:
    """The value of SIGNATURE_HEADER.

    >>> sign(b"{}", "secret", 1_700_000_000)[:23]
    't=1700000000,v1=b8569b7'
    """
    digest = hmac.new(secret.encode(), f"{now_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={now_s},v1={digest}"


def is_genuine(body: bytes, signature: str, secret: str, now_s: int) -> bool:
    """Whether a message was signed with this secret, at most TOLERANCE_S ago."""
    time, _, _ = signature.removeprefix("t=").partition(",")
    if not time.isdigit() or abs(now_s - int(time)) > TOLERANCE_S:
        return False
    return hmac.compare_digest(sign(body, secret, int(time)), signature)
