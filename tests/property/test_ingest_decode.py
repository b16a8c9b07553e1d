"""Whatever a stranger sends: an answer, never an accident."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.messages import interval, message, play
from viewbox.events import EVENT_CLASSES, Message, MessageError, decode_message
from viewbox.events.schema import EVENT_FIELDS
from viewbox.maintainer.classify import EVENT_ROW

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
event_types = [event.__struct_config__.tag for event in EVENT_CLASSES]
events = st.fixed_dictionaries(
    {"seq": st.integers(0, 5) | json_values, "type": st.sampled_from(event_types) | json_values},
    optional={name: json_values | st.floats(0, 100) for name in ("t_ms", "position_s", *EVENT_FIELDS)},
)


def decode(raw: bytes) -> Message | None:
    try:
        return decode_message(raw)
    except MessageError:
        return None


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=200))
def test_bytes(raw: bytes):
    decode(raw)


@settings(max_examples=120, deadline=None)
@given(st.dictionaries(st.sampled_from([*message(), "context", "events"]), json_values))
def test_any_json_in_any_field(changes: dict[str, Any]):
    decode(json.dumps({**message(play(0)), **changes}).encode("utf-8", "surrogatepass"))


@settings(max_examples=120, deadline=None)
@given(st.lists(events, min_size=1, max_size=4))
def test_every_event_is_either_taken_or_refused_and_what_is_taken_can_be_stored(sent: list[dict[str, Any]]):
    taken = decode_message(json.dumps(message(*sent, interval(9))).encode())

    assert len(taken.events) + len(taken.rejected) == len(sent) + 1
    assert taken.highest_seq is not None
    assert taken.highest_seq >= 9
    rows = msgspec.msgpack.decode(msgspec.msgpack.encode(taken.events), type=list[EVENT_ROW])  # type: ignore[valid-type]
    assert [msgspec.structs.astuple(row)[0] for row in rows] == [event.seq for event in taken.events]
    for rejection in taken.rejected:
        rejection.payload.encode()
        rejection.hint.encode()


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 400), st.binary(max_size=4))
def test_a_message_with_damaged_bytes(place: int, damage: bytes):
    raw = json.dumps(message(play(0), interval(1))).encode()
    decode(raw[:place] + damage + raw[place + len(damage) :])
