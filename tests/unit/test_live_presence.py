"""viewers_now: open views whose newest interval or heartbeat happened in the last 15 s, as events pass the door."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_api.live.presence import Presence
from tests.messages import START_MS, interval, play, wire
from viewbox.events import decode_message
from viewbox.testing.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START_MS)


@pytest.fixture
def presence(clock: FakeClock) -> Presence:
    return Presence(clock)


def heartbeat(seq: int, t_ms: int) -> dict[str, Any]:
    return {"seq": seq, "type": "heartbeat", "t_ms": t_ms, "position_s": t_ms / 1000}


def view_end(seq: int, t_ms: int) -> dict[str, Any]:
    return {"seq": seq, "type": "view_end", "t_ms": t_ms, "position_s": t_ms / 1000, "reason": "unload"}


def say(presence: Presence, *events: dict[str, Any], number: int = 0, sent_t_ms: int, **fields: Any) -> None:
    """A message that leaves the player `sent_t_ms` after its view began."""
    raw = wire(*events, number=number, sent_at_ms=START_MS + sent_t_ms, **fields)
    presence.hear([decode_message(raw)])


def now(presence: Presence, video_id: str = "video-1") -> int:
    return presence.counts()[video_id]


def test_a_viewer_counts_from_the_first_interval_or_heartbeat_on(presence):
    say(presence, play(0), sent_t_ms=0)
    assert now(presence) == 0
    say(presence, heartbeat(1, 10_000), sent_t_ms=10_000)
    assert now(presence) == 1


def test_an_interval_counts_as_a_heartbeat_does(presence):
    say(presence, interval(1, t_ms=10_000), sent_t_ms=10_000)
    assert now(presence) == 1


def test_silence_ends_presence_after_15_s_and_not_before(presence, clock):
    say(presence, heartbeat(1, 10_000), sent_t_ms=10_000)
    clock.advance(s=15)
    assert now(presence) == 1
    clock.advance(s=0.001)
    assert now(presence) == 0
    clock.advance(s=120)
    assert now(presence) == 0
    assert len(presence) == 0, "nothing is kept of those who are long gone"


def test_what_happened_before_it_was_sent_is_older_than_its_arrival(presence, clock):
    say(presence, heartbeat(1, 10_000), sent_t_ms=16_000)  # 6 s in the outbox
    clock.advance(s=9)
    assert now(presence) == 1
    clock.advance(s=0.001)
    assert now(presence) == 0


def test_a_view_end_removes_at_once(presence):
    say(presence, heartbeat(1, 10_000), sent_t_ms=10_000)
    say(presence, interval(2, t_ms=12_000), view_end(3, 12_000), sent_t_ms=12_000)
    assert now(presence) == 0


def test_late_events_of_lower_seq_do_not_bring_an_ended_view_back(presence):
    say(presence, view_end(5, 12_000), sent_t_ms=12_000)
    say(presence, heartbeat(4, 11_000), sent_t_ms=12_500)
    assert now(presence) == 0


def test_events_after_a_view_end_open_the_view_again(presence):
    say(presence, heartbeat(1, 10_000), view_end(2, 12_000), sent_t_ms=12_000)
    say(presence, heartbeat(3, 13_000), sent_t_ms=13_000)
    assert now(presence) == 1


def test_two_tabs_are_two_views(presence):
    for number in (1, 2):
        say(presence, heartbeat(1, 10_000), number=number, viewer_id="one-person", sent_t_ms=10_000)
    assert now(presence) == 2


def test_a_resent_message_neither_counts_twice_nor_lives_longer(presence, clock):
    say(presence, heartbeat(1, 10_000), sent_t_ms=10_000)
    clock.advance(s=10)
    say(presence, heartbeat(1, 10_000), sent_t_ms=20_000)
    assert now(presence) == 1
    clock.advance(s=5.001)
    assert now(presence) == 0


@pytest.mark.parametrize("again_after_s", [1, 14, 16, 60])
def test_the_same_bytes_again_are_no_new_sign_of_life(presence, clock, again_after_s):
    """A sender that does not renew `sent_at_ms`, as the contract wants it to."""
    say(presence, heartbeat(1, 10_000), sent_t_ms=10_000)
    clock.advance(s=again_after_s)
    say(presence, heartbeat(1, 10_000), sent_t_ms=10_000)
    assert now(presence) == (1 if again_after_s <= 15 else 0)
    clock.advance(s=15)
    assert now(presence) == 0


def test_a_backlog_of_an_hour_offline_is_nobody(presence):
    backlog = [heartbeat(seq, 10_000 * seq) for seq in range(1, 100)]
    say(presence, *backlog, sent_t_ms=3_600_000)
    assert now(presence) == 0


def test_after_the_backlog_the_viewer_is_there(presence):
    say(presence, heartbeat(1, 10_000), sent_t_ms=3_600_000)
    say(presence, heartbeat(2, 3_600_000), sent_t_ms=3_601_000)
    assert now(presence) == 1


def test_a_clock_that_was_set_back_makes_no_event_of_the_future(presence, clock):
    say(presence, heartbeat(1, 10_000), sent_t_ms=0)
    clock.advance(s=15.001)
    assert now(presence) == 0


def test_a_clock_that_stood_still_while_the_device_slept_is_seen_through(presence, clock):
    """Ten minutes of sleep that the player's monotonic clock did not see: each event looks ten minutes old."""
    say(presence, heartbeat(1, 10_000), sent_t_ms=10_000)
    clock.advance(s=600)
    say(presence, heartbeat(2, 20_000), sent_t_ms=620_000)
    assert now(presence) == 0, "once it may be a backlog"
    for seq in (3, 4, 5):
        clock.advance(s=10)
        say(presence, heartbeat(seq, 10_000 * seq), sent_t_ms=600_000 + 10_000 * seq)
        assert now(presence) == 1
    clock.advance(s=15.001)
    assert now(presence) == 0


@pytest.mark.parametrize("every_s", [0.01, 1, 4, 6])
def test_a_backlog_that_trickles_in_is_nobody_however_slowly(presence, clock, every_s):
    for seq in range(1, 40):
        sent_t_ms = 3_600_000 + round(seq * every_s * 1000)
        say(presence, heartbeat(seq, 10_000 * seq), sent_t_ms=sent_t_ms)
        assert now(presence) == 0
        clock.advance(s=every_s)


def test_videos_are_counted_apart(presence):
    say(presence, heartbeat(1, 10_000), number=1, sent_t_ms=10_000)
    say(presence, heartbeat(1, 10_000), number=2, video_id="video-2", sent_t_ms=10_000)
    say(presence, heartbeat(1, 10_000), number=3, video_id="video-2", sent_t_ms=10_000)
    assert presence.counts() == {"video-1": 1, "video-2": 2}


def test_beyond_the_bound_the_longest_silent_make_room_and_are_counted(clock):
    presence = Presence(clock, most=3)
    for number in range(5):
        clock.advance(s=0.1)
        say(presence, heartbeat(1, 10_000), number=number, sent_t_ms=10_000)
    assert len(presence) == 3
    assert now(presence) == 3
    assert presence.forgotten == 2
