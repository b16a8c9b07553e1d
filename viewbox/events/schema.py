"""Event schema, version 1: what a player sends, bound by bound.

Unknown fields are ignored, so that a server of version 1 accepts later minor versions; unknown event types
are refused. The JSON schema in data/schema/events.v1.json is generated from the classes below.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

SCHEMA_VERSION = 1
MAX_MESSAGE_BYTES = 64 * 1024
MAX_EVENTS = 200
MAX_PAIRS = 10  # entries of `custom` and of `experiment`
MAX_MS = 86_400_000  # a day
MAX_EPOCH_MS = 4_102_444_800_000  # 2100-01-01
MAX_POSITION_S = 604_800.0  # a week
VIEW_ID_AHEAD_MS = 2 * 86_400_000
VIEW_ID_BEHIND_MS = 40 * 86_400_000

# `$` alone would let a final newline pass in Python; the look-ahead means the same in every JSON schema reader
_ID_PATTERN = r"^[A-Za-z0-9._:-]{1,64}$(?!\n)"
Id: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64, pattern=_ID_PATTERN)]
Text: TypeAlias = Annotated[str, Meta(max_length=256)]
Ms: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_MS)]
EpochMs: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_EPOCH_MS)]
Position: TypeAlias = Annotated[float, Meta(ge=0, le=MAX_POSITION_S)]
Rate: TypeAlias = Annotated[float, Meta(ge=0.06, le=16)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Pixels: TypeAlias = Annotated[int, Meta(ge=0, le=100_000)]
Scalar: TypeAlias = Text | int | float | bool  # `code`, `value` and the like: stored as text
ViewerKind: TypeAlias = Literal["known", "stored", "page"]


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", gc=False):
    """What every event has. `position_s` is the playhead after the event.

    None of these classes can be part of a cycle, so the garbage collector need not follow them (`gc=False`): at the
    door it would spend more time on them than decoding takes.
    """

    seq: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    t_ms: Ms
    position_s: Position


class ViewStart(Event, frozen=True, kw_only=True, tag="view_start", gc=False):
    """A source is attached."""


class Play(Event, frozen=True, kw_only=True, tag="play", gc=False):
    """Playing is requested, by person or autoplay."""


class Playing(Event, frozen=True, kw_only=True, tag="playing", gc=False):
    """Frames move; the first one ends start-up."""


class AutoplayBlocked(Event, frozen=True, kw_only=True, tag="autoplay_blocked", gc=False):
    """The browser refused to start by itself."""


class Pause(Event, frozen=True, kw_only=True, tag="pause", gc=False):
    """Paused by person or program."""


class Seek(Event, frozen=True, kw_only=True, tag="seek", gc=False):
    """The playhead settled after a jump."""

    from_s: Position
    to_s: Position
    wait_ms: Ms | None = None  # stored as 0 when absent
    cause: Literal["user", "chapter", "skip", "resume", "program", "loop"] | None = None


class Stall(Event, frozen=True, kw_only=True, tag="stall", gc=False):
    """Playing starved and moved on, or the view ended."""

    wait_ms: Ms
    cause: Literal["network", "decode", "unknown"] | None = None


class RateChange(Event, frozen=True, kw_only=True, tag="rate", gc=False):
    """Playback speed from now on."""

    rate: Rate


class RenditionChange(Event, frozen=True, kw_only=True, tag="rendition", gc=False):
    """The shown rendition changed."""

    width: Pixels | None = None
    height: Pixels | None = None
    bitrate_bps: Count | None = None
    codec: Text | None = None
    cause: Literal["auto", "user"] | None = None


class Interval(Event, frozen=True, kw_only=True, tag="interval", gc=False):
    """A stretch in which the playhead moved without a jump; `to_s >= from_s`."""

    from_s: Position
    to_s: Position
    rate: Rate
    wall_ms: Ms
    visible: bool | None = None
    muted: bool | None = None
    mode: Literal["inline", "fullscreen", "pip"] | None = None
    height: Pixels | None = None
    bitrate_bps: Count | None = None


class Heartbeat(Event, frozen=True, kw_only=True, tag="heartbeat", gc=False):
    """Every 10 s while the watch clock runs. Frame counts are cumulative per view."""

    buffer_s: Position | None = None
    dropped_frames: Count | None = None
    total_frames: Count | None = None
    bandwidth_bps: Count | None = None


class Setting(Event, frozen=True, kw_only=True, tag="setting", gc=False):
    """Captions, quality, volume, mute, theatre …"""

    name: Text | None = None
    value: Scalar | None = None


class ErrorEvent(Event, frozen=True, kw_only=True, tag="error", gc=False):
    """Something went wrong; `fatal` when playing cannot go on."""

    fatal: bool
    code: Scalar | None = None
    message: Text | None = None


class Ended(Event, frozen=True, kw_only=True, tag="ended", gc=False):
    """The end was reached."""


class ViewEnd(Event, frozen=True, kw_only=True, tag="view_end", gc=False):
    """The view is over."""

    reason: Literal["unload", "ended", "source_change", "destroy", "idle"]


AnyEvent: TypeAlias = (
    ViewStart | Play | Playing | AutoplayBlocked | Pause | Seek | Stall | RateChange | RenditionChange | Interval
    | Heartbeat | Setting | ErrorEvent | Ended | ViewEnd
)  # fmt: skip
EVENT_CLASSES: tuple[type[Event], ...] = (
    ViewStart, Play, Playing, AutoplayBlocked, Pause, Seek, Stall, RateChange, RenditionChange, Interval,
    Heartbeat, Setting, ErrorEvent, Ended, ViewEnd,
)  # fmt: skip

# Every event field beyond seq, type, t_ms, position_s: its column in the lake and its Arrow-like type.
EVENT_FIELDS: dict[str, Literal["float", "int", "bool", "text"]] = {
    "from_s": "float", "to_s": "float", "wait_ms": "int", "cause": "text", "rate": "float", "wall_ms": "int",
    "visible": "bool", "muted": "bool", "mode": "text", "width": "int", "height": "int", "bitrate_bps": "int",
    "codec": "text", "buffer_s": "float", "dropped_frames": "int", "total_frames": "int", "bandwidth_bps": "int",
    "name": "text", "value": "text", "fatal": "bool", "code": "text", "message": "text", "reason": "text",
}  # fmt: skip


class Context(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Facts about player and page. Each is optional; per field the first non-null by `seq` stands."""

    player_name: Text | None = None
    player_version: Text | None = None
    page_url: str | None = None  # ≤ 256 once credentials, query and fragment are cut off
    referrer: str | None = None  # its domain is kept, nothing else
    language: Text | None = None
    timezone: Text | None = None
    screen_w: Pixels | None = None
    screen_h: Pixels | None = None
    player_w: Pixels | None = None
    player_h: Pixels | None = None
    duration_s: Position | None = None
    autoplay: bool | None = None
    connection: Text | None = None
    experiment: dict[Text, Scalar | None] | None = None
    custom: dict[Text, Scalar | None] | None = None
    synthetic: bool | None = None


class Envelope(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who watches what, and when this was sent: everything of a message but its events.

    `received_at_ms`, `user_agent` and `country` are honoured by `viewbox ingest` alone.
    """

    v: Literal[1]
    view_id: Id
    video_id: Id
    viewer_id: Id
    viewer_kind: ViewerKind
    session_id: Id
    started_at_ms: EpochMs
    sent_at_ms: EpochMs
    context: Context | None = None
    received_at_ms: EpochMs | None = None
    user_agent: str | None = None
    country: str | None = None


class WireMessage(Envelope, frozen=True, kw_only=True, gc=False):
    """A message as it travels."""

    events: Annotated[list[AnyEvent], Meta(min_length=1, max_length=MAX_EVENTS)]
