"""What a column is: name, SQL type, unit, meaning; and how the type is stored in Arrow."""

from __future__ import annotations

from typing import Literal

import msgspec
import pyarrow as pa

SqlType = Literal[
    "VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMPTZ", "DATE", "JSON", "VARCHAR[]", "MARKS", "STRETCHES", "RANGES"
]

# A seek, stall or pause inside a view row; what a kind does not have is null.
MARK_FIELDS = (
    ("seq", pa.int64()),  # first: lists of marks are sorted by it
    ("kind", pa.string()),  # seek, stall or pause
    ("t_ms", pa.int64()),
    ("position_s", pa.float64()),
    ("from_s", pa.float64()),
    ("to_s", pa.float64()),
    ("wait_ms", pa.int64()),
    ("cause", pa.string()),
    ("counted", pa.bool_()),
    ("paused_ms", pa.int64()),
)
# A stretch of playing inside a view row: the playhead went from `from_s` to `to_s` without a jump, at one speed.
STRETCH_FIELDS = (("from_s", pa.float64()), ("to_s", pa.float64()), ("rate", pa.float64()))
RANGE_FIELDS = (("from_s", pa.float64()), ("to_s", pa.float64()))
ARROW_TYPES: dict[SqlType, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"),
    "DATE": pa.date32(),
    "JSON": pa.string(),  # Delta and Parquet have no JSON; the analysts' views cast it
    "VARCHAR[]": pa.list_(pa.string()),
    "MARKS": pa.list_(pa.struct(MARK_FIELDS)),
    "STRETCHES": pa.list_(pa.struct(STRETCH_FIELDS)),
    "RANGES": pa.list_(pa.struct(RANGE_FIELDS)),
}


class Column(msgspec.Struct, frozen=True):
    name: str
    type: SqlType
    unit: str
    meaning: str


class Table(msgspec.Struct, frozen=True):
    """`columns` is what analysts see; `hidden` follows them on disk and in nobody's SELECT *."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    hidden: tuple[Column, ...] = ()


def identifier(name: str, meaning: str) -> Column:
    return Column(name, "VARCHAR", "", meaning)


def text(name: str, meaning: str) -> Column:
    return Column(name, "VARCHAR", "", meaning)


def count(name: str, meaning: str) -> Column:
    return Column(name, "BIGINT", "count", meaning)


def milliseconds(name: str, meaning: str) -> Column:
    return Column(name, "BIGINT", "ms", meaning)


def seconds(name: str, meaning: str) -> Column:
    return Column(name, "DOUBLE", "s", meaning)


def ratio(name: str, meaning: str) -> Column:
    return Column(name, "DOUBLE", "ratio", meaning)


def flag(name: str, meaning: str) -> Column:
    return Column(name, "BOOLEAN", "", meaning)


def moment(name: str, meaning: str) -> Column:
    return Column(name, "TIMESTAMPTZ", "UTC", meaning)


def json_object(name: str, meaning: str) -> Column:
    return Column(name, "JSON", "", meaning)


# Columns that mean the same in several tables.
VIEW_ID = identifier("view_id", "one playback attempt of one video by one viewer; a UUIDv7 made by the player")
VIDEO_ID = identifier("video_id", "the video")
REVISION = Column("revision", "BIGINT", "", "which source file of the video was current; replacing it adds 1")
VIEWER_ID = identifier("viewer_id", "who watched, as far as viewer_kind tells")
VIEWER_KIND = text("viewer_kind", "known (given by the host page), stored (kept in the browser), page (this page only)")
SESSION_ID = identifier("session_id", "one visit of one viewer")
SOURCE = text("source", "synthetic, file, external or player: the first that fits")
SEQ = Column("seq", "BIGINT", "", "number of the event within its view: 0, 1, 2, …")
T = milliseconds("t_ms", "since the view's start, on the client's monotonic clock")
OCCURRED_AT = moment("occurred_at", "when it happened: received_at − (sent_at_ms − started_at_ms) + t_ms")
POSITION = seconds("position_s", "playhead after the event")
DT = Column("dt", "DATE", "UTC", "date of the view's started_at")
BROWSER = text("browser", "browser family, from the User-Agent")
OS = text("os", "operating system, from the User-Agent")
DEVICE = text("device_type", "desktop, mobile, tablet, tv …, from the User-Agent")
COUNTRY = text("country", "from a trusted proxy's header, else from the time zone")
IS_BOT = flag("is_bot", "the User-Agent is that of a known robot")
