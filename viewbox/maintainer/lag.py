"""How far lake and tables are behind the door, in seconds, as any process can tell.

Lag is the age of the oldest event that is acknowledged and not there yet, by the time the door received it. What
`viewbox ingest` brings keeps its own dates, and says nothing about lag.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from viewbox.intake import SpooledMessage
from viewbox.maintainer.counters import facts, first_pending, spool_files, spool_states
from viewbox.maintainer.index import SpoolState
from viewbox.settings import Settings

BEHIND_SINCE = "behind_since_ms"  # fact of the index: receipt of the oldest event that tables do not show
NOTHING_RECEIVED = -1  # its value when no such event came through the door
_decode = msgspec.msgpack.Decoder(SpooledMessage).decode


class Row(Protocol):
    """A row of a spool."""

    @property
    def kind(self) -> str: ...

    @property
    def payload(self) -> bytes: ...


class Lags(msgspec.Struct, frozen=True):
    """Seconds; 0 when nothing is behind."""

    lake_s: float
    tables_s: float


def lags(settings: Settings, now_ms: int) -> Lags:
    """As of now. An event that is not in the lake is not in the tables either."""
    states = spool_states(settings)
    waiting = [
        at_ms
        for path in spool_files(settings)
        for row in first_pending(path, states.get(path.stem, SpoolState()).position)
        if (at_ms := received_at_ms([row])) is not None
    ]
    known = facts(settings)
    behind = known.get(BEHIND_SINCE, NOTHING_RECEIVED)
    is_behind = known.get("steps", 0) != known.get("rolled_up", 0) and behind != NOTHING_RECEIVED
    lake_s = max([0.0, *((now_ms - at_ms) / 1000 for at_ms in waiting)])
    return Lags(lake_s, max(lake_s, (now_ms - behind) / 1000 if is_behind else 0.0))


def received_at_ms(rows: Iterable[Row]) -> int | None:
    """When the door received the oldest of these rows, which are in the order of their receipt."""
    for row in rows:
        if row.kind != "events":
            continue
        try:
            message = _decode(row.payload)
        except msgspec.DecodeError:  # a damaged row becomes a dead letter
            continue
        if message.source != "file":
            return message.received_at_ms
    return None
