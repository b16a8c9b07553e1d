"""Messages to send, and what their answers must begin with. Made before the clock starts, and never the same twice."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from viewbox.clock import SYSTEM_CLOCK
from viewbox.testing import Audience

VIDEO_S = 600.0
VIDEO_ID = "benchmark"
EVENTS_A_MESSAGE = 2  # what a player that plays sends every ten seconds: an interval and a heartbeat
MANY_EVENTS = 20  # what one sends that was offline for a while
HOURS = 3.0  # views began within; the door looks at what is new, as it would in service
POOL = 4_000  # different messages; each further lap through them is of new views
_LAP_AT, _LAP_DIGITS = 24, 4  # digits of a view_id that carry the lap: random ones, behind version and time
_HEAD = '{"v":1,"view_id":"'


class Sent(NamedTuple):
    """A message, and how its acknowledgement begins."""

    payload: bytes
    answer: bytes


class Messages:
    """An endless supply: laps over a pool, in each of which every view has an id of its own."""

    def __init__(self, seed: int, events: int = EVENTS_A_MESSAGE, pool: int = POOL) -> None:
        self._parts = [_parts(text) for text in messages_of(seed, pool, events)]
        self._next = 0
        self._lap = b"0000"

    def take(self) -> Sent:
        lap, index = divmod(self._next, len(self._parts))
        if index == 0:
            self._lap = f"{lap:0{_LAP_DIGITS}x}".encode()
        self._next += 1
        before, after, answer_before, answer_after = self._parts[index]
        return Sent(before + self._lap + after, answer_before + self._lap + answer_after)


def messages_of(seed: int, count: int, events: int = EVENTS_A_MESSAGE) -> list[str]:
    """Messages of so many events each, view after view, written as a browser writes them.

    Without context, as all messages of a connection but its first are.
    """
    return list(islice(_full_messages(seed, events), count))


def _full_messages(seed: int, events: int) -> Iterator[str]:
    now_ms = SYSTEM_CLOCK.now_ms()
    audience = Audience(seed, VIDEO_ID, VIDEO_S, sys.maxsize, now_ms, HOURS / 24)
    index = 0
    while True:
        for message in audience.view(index).messages(sent_at_ms=now_ms, max_events=events):
            if len(message["events"]) == events:  # a view's last message is mostly shorter: left out
                del message["context"]
                yield json.dumps(message, separators=(",", ":"))
        index += 1


def _parts(text: str) -> tuple[bytes, bytes, bytes, bytes]:
    """A message around the digits of the lap, and its answer around them."""
    message = json.loads(text)
    view_id, seq = message["view_id"], message["events"][-1]["seq"]
    assert text.startswith(_HEAD + view_id)
    cut = len(_HEAD) + _LAP_AT
    answer_head = f'{{"ack":{{"view_id":"{view_id[:_LAP_AT]}'
    answer_tail = f'{view_id[_LAP_AT + _LAP_DIGITS :]}","seq":{seq},"server_ms":'
    return text[:cut].encode(), text[cut + _LAP_DIGITS :].encode(), answer_head.encode(), answer_tail.encode()
