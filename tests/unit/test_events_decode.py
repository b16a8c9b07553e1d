"""The decoder: every bound at its edge and one beyond, and a code of its own for every refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.messages import START_MS, interval, message, play, wire
from viewbox.events import Envelope, Interval, Message, MessageError, Play, decode_message
from viewbox.events.schema import Context

NAN = float("nan")
SEEK = {"seq": 1, "type": "seek", "t_ms": 0, "position_s": 2.0, "from_s": 1.0, "to_s": 2.0}
STALL = {"seq": 1, "type": "stall", "t_ms": 0, "position_s": 2.0, "wait_ms": 5}
RATE = {"seq": 1, "type": "rate", "t_ms": 0, "position_s": 2.0, "rate": 2}
SETTING = {"seq": 1, "type": "setting", "t_ms": 0, "position_s": 2.0, "name": "volume", "value": 0.5}
ERROR = {"seq": 1, "type": "error", "t_ms": 0, "position_s": 2.0, "fatal": True}
VIEW_END = {"seq": 1, "type": "view_end", "t_ms": 0, "position_s": 2.0, "reason": "unload"}


def decoded(event: Any) -> Message:
    return decode_message(wire(play(0), event))


def message_code(raw: bytes) -> str:
    with pytest.raises(MessageError) as refused:
        decode_message(raw)
    assert refused.value.hint
    return refused.value.code


@pytest.mark.parametrize(
    "event",
    [
        play(1, position_s=0), play(1, position_s=604_800), play(1, t_ms=0), play(1, t_ms=86_400_000),
        play(2**31 - 1, t_ms=1), play(1, t_ms=1.0), {**play(), "seq": 1.0}, play(1, unknown={"deep": [1, None]}),
        interval(1, rate=0.06), interval(1, rate=16), interval(1, wall_ms=0), interval(1, wall_ms=86_400_000),
        interval(1, from_s=7.0, to_s=7.0), interval(1, mode=None, visible=None), interval(1, height=720.0),
        {**SEEK, "wait_ms": 86_400_000, "cause": "loop"}, {**SEEK, "from_s": 9, "to_s": 3}, {**STALL, "cause": None},
        RATE, SETTING, {**SETTING, "name": "n" * 256}, {**SETTING, "value": "v" * 256}, ERROR, VIEW_END,
        {"seq": 1, "type": "heartbeat", "t_ms": 0, "position_s": 0, "buffer_s": 604_800, "total_frames": 2**53 - 1},
        {"seq": 1, "type": "rendition", "t_ms": 0, "position_s": 0, "width": 1920, "cause": "auto"},
        *({"seq": 1, "type": kind, "t_ms": 0, "position_s": 0} for kind in
          ("view_start", "play", "playing", "autoplay_blocked", "pause", "heartbeat", "rendition", "setting", "ended")),
    ],
)  # fmt: skip
def test_what_lies_within_the_bounds_is_taken(event: dict[str, Any]):
    taken = decoded(event)

    assert taken.rejected == []
    assert [each.seq for each in taken.events] == [0, int(event["seq"])]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (play(1, position_s=-0.001), "position_out_of_range"),
        (play(1, position_s=604_800.001), "position_out_of_range"),
        (play(1, position_s=1e300), "position_out_of_range"),
        ({**SEEK, "from_s": -1}, "position_out_of_range"),
        ({**SEEK, "to_s": 604_801}, "position_out_of_range"),
        (play(1, t_ms=-1), "time_out_of_range"),
        (play(1, t_ms=86_400_001), "time_out_of_range"),
        (interval(1, wall_ms=86_400_001), "time_out_of_range"),
        ({**STALL, "wait_ms": -1}, "time_out_of_range"),
        (interval(1, rate=0.05), "rate_out_of_range"),
        ({**RATE, "rate": 16.01}, "rate_out_of_range"),
        (play(2**31, t_ms=1), "number_out_of_range"),
        (play(1, position_s=NAN), "number_not_finite"),
        (play(1, position_s=float("inf")), "number_not_finite"),
        (interval(1, to_s=float("-inf")), "number_not_finite"),
        ({**SETTING, "value": NAN}, "number_not_finite"),
        (interval(1, from_s=9.0, to_s=8.9), "interval_reversed"),
        ({**play(1), "type": "teleport"}, "unknown_event_type"),
        ({"seq": 1, "t_ms": 0, "position_s": 0}, "missing_field"),
        ({"seq": 1, "type": "play", "t_ms": 0}, "missing_field"),
        ({"type": "play", "t_ms": 0, "position_s": 0}, "missing_field"),
        ({key: value for key, value in SEEK.items() if key != "to_s"}, "missing_field"),
        ({key: value for key, value in interval(1).items() if key != "wall_ms"}, "missing_field"),
        ({key: value for key, value in ERROR.items() if key != "fatal"}, "missing_field"),
        ({key: value for key, value in VIEW_END.items() if key != "reason"}, "missing_field"),
        ({**SETTING, "name": "n" * 257}, "text_too_long"),
        ({**SETTING, "value": "v" * 257}, "text_too_long"),
        ({**ERROR, "message": "m" * 257}, "text_too_long"),
        ({**SEEK, "cause": "whim"}, "bad_value"),
        ({**VIEW_END, "reason": "bored"}, "bad_value"),
        (play(1, position_s="1.0"), "bad_value"),
        (play(1, t_ms=1.5), "bad_value"),
        (play(1, t_ms=True), "bad_value"),
        (play(1, position_s=None), "bad_value"),
        ({**SETTING, "value": ["a"]}, "bad_value"),
        ({**SETTING, "value": "\ud800"}, "bad_value"),
        (7, "bad_value"),
        (None, "bad_value"),
    ],
)
def test_one_bad_event_is_refused_by_its_code_and_its_neighbour_stays(event: Any, code: str):
    taken = decoded(event)

    assert [(each.seq, type(each)) for each in taken.events] == [(0, Play)]
    assert [rejection.code for rejection in taken.rejected] == [code]
    assert taken.rejected[0].hint
    assert json.loads(taken.rejected[0].payload) is not None or event is None


def test_a_refused_event_that_has_a_seq_is_named_by_it_and_counts_for_the_ack():
    taken = decoded(play(41, position_s=-1))

    assert (taken.rejected[0].seq, taken.highest_seq) == (41, 41)


def test_a_seq_that_cannot_be_read_is_null():
    taken = decode_message(wire({**play(), "seq": "seven"}))

    assert (taken.rejected[0].seq, taken.highest_seq) == (None, None)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 5000, "bad_message"),
        (b"[]", "bad_message"),
        (b"3", "bad_message"),
        (wire(), "no_events"),
        (json.dumps({**message(), "events": None}).encode(), "no_events"),
        (b'{"v": 1}', "no_events"),
        (json.dumps({**message(), "events": {"0": play()}}).encode(), "bad_message"),
        (wire(*[play(seq) for seq in range(201)]), "too_many_events"),
        (wire(play(), v=2), "unsupported_version"),
        (wire(play(), v="1"), "unsupported_version"),
        (wire(play(), view_id="018f-not-a-uuid"), "bad_view_id"),
        (wire(play(), view_id="550e8400-e29b-41d4-a716-446655440000"), "bad_view_id"),  # version 4
        (wire(play(), view_id="019AF000-0000-7000-8000-00000000000A"), "bad_view_id"),  # upper case
        (wire(play(), view_id=None), "bad_view_id"),
        (wire(play(), video_id=""), "bad_id"),
        (wire(play(), video_id="v" * 65), "bad_id"),
        (wire(play(), viewer_id="with space"), "bad_id"),
        (wire(play(), session_id="line\n"), "bad_id"),
        (wire(play(), viewer_id=7), "bad_id"),
        (wire(play(), viewer_kind="robot"), "bad_value"),
        (wire(play(), started_at_ms=4_102_444_800_001), "time_out_of_range"),
        (wire(play(), sent_at_ms=-1), "time_out_of_range"),
        (wire(play(), sent_at_ms=NAN), "number_not_finite"),
        (wire(play(), context={"duration_s": 604_801}), "position_out_of_range"),
        (wire(play(), context={"language": "x" * 257}), "text_too_long"),
        (wire(play(), context={"page_url": "https://example.com/" + "x" * 256}), "text_too_long"),
        (wire(play(), context={"custom": {str(number): 1 for number in range(11)}}), "too_many_entries"),
        (wire(play(), context={"experiment": {str(number): 1 for number in range(11)}}), "too_many_entries"),
        (wire(play(), context="none"), "bad_value"),
        (wire(play()).replace(b'"video_id"', b'"vide_oid"'), "missing_field"),
    ],
)  # fmt: skip
def test_a_message_that_cannot_be_read_says_why(raw: bytes, code: str):
    assert message_code(raw) == code


def test_a_message_holds_64_kib_and_not_a_byte_more():
    frame = wire(play(), padding="")
    full = wire(play(), padding="x" * (65_536 - len(frame)))

    assert len(full) == 65_536
    assert decode_message(full).highest_seq == 0
    assert message_code(full + b" ") == "message_too_big"


def test_200_events_fit():
    assert decode_message(wire(*[play(seq) for seq in range(200)])).highest_seq == 199


def test_numbers_and_booleans_become_text_where_text_is_stored():
    events = decode_message(
        wire(
            {**SETTING, "seq": 0, "value": True}, {**SETTING, "value": 3}, {**SETTING, "seq": 2, "value": 1.5},
            {**ERROR, "seq": 3, "code": 404.0},
        )
    ).events  # fmt: skip

    assert [getattr(event, "value", None) or getattr(event, "code", None) for event in events] == [
        "true", "3", "1.5", "404",
    ]  # fmt: skip


def test_a_seek_without_a_wait_waited_0_ms():
    assert [getattr(event, "wait_ms", None) for event in decoded(SEEK).events] == [None, 0]


def test_context_keeps_what_may_be_kept():
    context = {
        "page_url": "https://example.com/watch?user=ann#t=3", "referrer": "https://News.Example.org/a?b=c",
        "experiment": {"intro": "b", "off": None}, "custom": {"plan": "pro", "seats": 3, "trial": False},
    }  # fmt: skip

    assert decode_message(wire(play(), context=context)).envelope.context == Context(
        page_url="https://example.com/watch",
        referrer="news.example.org",
        experiment={"intro": "b"},
        custom={"plan": "pro", "seats": "3", "trial": "false"},
    )


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://ann:secret@example.com/watch?a=b", "https://example.com/watch"),
        ("https://ann@example.com", "https://example.com"),
        ("https://a:b@c@example.com/x", "https://example.com/x"),
        ("https:\\\\ann:secret@example.com/x", "https:\\\\example.com/x"),
        ("//ann:secret@example.com/x", "//example.com/x"),
        ("ann:secret@example.com/x", "example.com/x"),
        ("https://example.com/@ann/a@b", "https://example.com/@ann/a@b"),
        ("https://example.com/a?mail=a@b", "https://example.com/a"),
        ("https://ann:" + "x" * 300 + "@example.com/", "https://example.com/"),
    ],
)
def test_a_page_address_keeps_no_credentials(address: str, kept: str):
    context = decode_message(wire(play(), context={"page_url": address})).envelope.context
    assert context == Context(page_url=kept)


def test_the_slow_way_finds_the_same_events_as_the_fast_one():
    events = [play(0), interval(1, height=720, muted=True), {**SEEK, "seq": 2}, {**SETTING, "seq": 3, "value": 4}]
    fast = decode_message(wire(*events))
    slow = decode_message(wire(*events, {**play(4), "type": "teleport"}))

    assert slow.events == fast.events
    assert isinstance(slow.events[1], Interval)
    assert all(getattr(slow.envelope, name) == getattr(fast.envelope, name) for name in Envelope.__struct_fields__)
    assert slow.view_ms == START_MS


@pytest.mark.parametrize(
    ("raw", "view_id"),
    [
        (wire(play(), v=2, view_id="some.view"), "some.view"),
        (wire(play(), context={"custom": {f"k{number}": "v" for number in range(11)}}), message()["view_id"]),
        (wire(play(), view_id="\ud800"), None),  # half of a surrogate pair: no table could hold it
        (wire(play(), view_id="x" * 60_000), None),
        (wire(play(), view_id=7), None),
    ],
)
def test_a_refused_message_names_its_view_where_that_is_an_id(raw: bytes, view_id: str | None) -> None:
    with pytest.raises(MessageError) as refused:
        decode_message(raw)
    assert refused.value.view_id == view_id
