"""Events: their schema, and the decoder at the door. `python -m viewbox.events` prints the JSON schema."""

from viewbox.events.decode import Message, MessageError, Rejection, decode_message, decode_sound
from viewbox.events.json_schema import schema_json
from viewbox.events.schema import (
    EVENT_CLASSES,
    EVENT_FIELDS,
    MAX_EVENTS,
    MAX_MESSAGE_BYTES,
    SCHEMA_VERSION,
    AnyEvent,
    AutoplayBlocked,
    Context,
    Ended,
    Envelope,
    ErrorEvent,
    Event,
    Heartbeat,
    Interval,
    Pause,
    Play,
    Playing,
    RateChange,
    RenditionChange,
    Seek,
    Setting,
    Stall,
    ViewEnd,
    ViewerKind,
    ViewStart,
    WireMessage,
)

__all__ = [
    "EVENT_CLASSES", "EVENT_FIELDS", "MAX_EVENTS", "MAX_MESSAGE_BYTES", "SCHEMA_VERSION", "AnyEvent",
    "AutoplayBlocked", "Context", "Ended", "Envelope", "ErrorEvent", "Event", "Heartbeat", "Interval", "Message",
    "MessageError", "Pause", "Play", "Playing", "RateChange", "Rejection", "RenditionChange", "Seek", "Setting",
    "Stall", "ViewEnd", "ViewStart", "ViewerKind", "WireMessage", "decode_message", "decode_sound", "schema_json",
]  # fmt: skip
