"""Columns and types of the Delta tables that take events: `events` and `dead_letters`.

Column order is the contract's. A column of `HIDDEN` is on disk for the maintainer's sake and in no analyst's table.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from viewbox.events.schema import EVENT_FIELDS

TIMESTAMP = pa.timestamp("us", tz="UTC")
EVENT_TYPES = {"float": pa.float64(), "int": pa.int64(), "bool": pa.bool_(), "text": pa.string()}

EVENTS = pa.schema(
    [
        pa.field("view_id", pa.string(), nullable=False),
        pa.field("seq", pa.int64(), nullable=False),
        pa.field("video_id", pa.string(), nullable=False),
        pa.field("revision", pa.int64(), nullable=False),
        pa.field("viewer_id", pa.string(), nullable=False),
        pa.field("viewer_kind", pa.string(), nullable=False),
        pa.field("session_id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("browser", pa.string()),
        pa.field("os", pa.string()),
        pa.field("device_type", pa.string()),
        pa.field("country", pa.string()),
        pa.field("is_bot", pa.bool_(), nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("t_ms", pa.int64(), nullable=False),
        pa.field("occurred_at", TIMESTAMP, nullable=False),
        pa.field("received_at", TIMESTAMP, nullable=False),
        pa.field("position_s", pa.float64(), nullable=False),
        *(pa.field(name, EVENT_TYPES[kind]) for name, kind in EVENT_FIELDS.items()),
        pa.field("context", pa.string()),  # JSON; on every event of the message that carried it
        pa.field("clock_offset_ms", pa.int64(), nullable=False),  # received_at − sent_at of its message
        pa.field("dt", pa.date32(), nullable=False),  # UTC date inside the view_id
    ]
)
DEAD_LETTERS = pa.schema(
    [
        pa.field("received_at", TIMESTAMP, nullable=False),
        pa.field("code", pa.string(), nullable=False),
        pa.field("hint", pa.string(), nullable=False),
        pa.field("view_id", pa.string()),
        pa.field("payload", pa.string(), nullable=False),
    ]
)
SCHEMAS = {"events": EVENTS, "dead_letters": DEAD_LETTERS}
PARTITION_BY = {"events": "dt", "dead_letters": None}
HIDDEN = {"events": ("clock_offset_ms",), "dead_letters": ()}
# Columns whose values seldom repeat: without a dictionary they are a third smaller once compressed.
PLAIN_NUMBERS = (
    "t_ms", "occurred_at", "received_at", "clock_offset_ms", "position_s", "from_s", "to_s", "wait_ms", "wall_ms",
    "buffer_s", "dropped_frames", "total_frames", "bandwidth_bps",
)  # fmt: skip
SORTED_BY = {"events": ("view_id", "seq")}  # tables whose closed days are sorted

# What makes two copies of an event the same one: its object, without envelope, times of transit and context.
EVENT_OBJECT = ("type", "t_ms", "position_s", *EVENT_FIELDS)


def visible(table: str) -> list[str]:
    """The columns that analysts see, in the contract's order."""
    return [name for name in SCHEMAS[table].names if name not in HIDDEN[table]]


def timestamp(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, tz=UTC)
