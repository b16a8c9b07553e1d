"""What a person reads when an event is refused: plain words, while programs keep their codes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.messages import interval, play, wire
from viewbox.events import MessageError, decode_message
from viewbox.events.refusal import ID_RULE, refusal


@pytest.mark.parametrize("field", ["video_id", "viewer_id", "session_id", "view_id"])
@pytest.mark.parametrize("bad", ["", "two words", "x" * 65, "line\n"])
def test_an_id_is_explained_without_a_regular_expression(field: str, bad: str) -> None:
    fields: dict[str, Any] = {field: bad}
    with pytest.raises(MessageError) as refused:
        decode_message(wire(play(0), **fields))
    assert refused.value.hint == f"{field}: {ID_RULE}"


@pytest.mark.parametrize(
    ("event", "code", "hint"),
    [
        (play(1, t_ms=1.5), "bad_value", "t_ms: must be a whole number, not a fraction"),
        (play(1, position_s="1"), "bad_value", "position_s: must be a number, not text"),
        (play(1, position_s=-1), "position_out_of_range", "position_s: must be at least 0"),
        (interval(1, rate=99), "rate_out_of_range", "rate: must be at most 16"),
        (interval(1, rate=0.01), "rate_out_of_range", "rate: must be at least 0.06"),
        (interval(1, visible=3), "bad_value", "visible: must be true or false or null, not a whole number"),
        ({**play(1), "type": "zap"}, "unknown_event_type", "type: there is no event type 'zap'"),
        ({"seq": 1, "type": "play", "t_ms": 0}, "missing_field", "position_s is missing"),
        ({**play(1), "type": "view_end", "reason": "bored"}, "bad_value", "reason: cannot be 'bored'"),
        ({**play(1), "type": "setting", "name": "n" * 257}, "text_too_long", "name: must have at most 256 characters"),
        (
            {**play(1), "type": "setting", "name": "n", "value": []},
            "bad_value",
            "value: must be true or false, a number, text or null, not a list",
        ),
        (play(1, position_s=float("nan")), "number_not_finite", "position_s: must be a finite number"),
        (3, "bad_value", "must be an object, not a whole number"),
    ],
)
def test_a_refused_event_is_explained_in_words(event: Any, code: str, hint: str) -> None:
    (rejection,) = decode_message(wire(event)).rejected
    assert (rejection.code, rejection.hint) == (code, hint)


def test_a_complaint_without_words_of_its_own_is_passed_on() -> None:
    assert refusal("Something new - at `$.events[3].x`") == ("bad_value", "events[3].x: Something new")
