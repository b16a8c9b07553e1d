"""An audience follows from its seed, its stories strike the shares they promise, and its events are valid."""

import json
from collections import Counter

import pytest

from viewbox.errors import InvalidInput
from viewbox.events import decode_message
from viewbox.ids import view_epoch_ms
from viewbox.testing import Audience, parse_effect, sample_story
from viewbox.testing.stories import Incident, LeaveAt, Replay, SkipIntro

NOW_MS = 1_763_899_200_000  # 2025-11-23T12:00:00Z
DAY_MS = 86_400_000


def audience(*effects, count=200, seed=7):
    return Audience(seed=seed, video_id="v", duration_s=60.0, count=count, until_ms=NOW_MS, effects=effects)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    def lines(seed):
        story = sample_story(60.0)
        return [line for view in audience(*story, count=30, seed=seed).views() for line in view.lines()]

    assert lines(1) == lines(1)
    assert lines(1) != lines(2)


def test_a_view_does_not_depend_on_how_many_there_are():
    assert audience(count=5).view(3) == audience(count=5000).view(3)


def test_without_effects_everybody_watches_everything():
    for view in audience(count=20).views():
        assert view.truth.passes() == [1] * 60
        assert (view.truth.media_s, view.truth.playing_ms, view.truth.startup_ms) == (60, 60_000, 400)


def test_every_message_passes_the_door():
    for view in audience(*sample_story(60.0)).views():
        for message in view.messages(sent_at_ms=NOW_MS, max_events=20):
            assert not decode_message(json.dumps(message).encode()).rejected


def test_seq_has_no_gaps_and_time_never_goes_back():
    for view in audience(*sample_story(60.0)).views():
        assert [event["seq"] for event in view.events] == list(range(len(view.events)))
        times = [event["t_ms"] for event in view.events]
        assert times == sorted(times)


def test_views_lie_in_the_range_and_carry_their_date():
    for view in audience(*sample_story(60.0)).views():
        assert view.started_at_ms >= NOW_MS - 28 * DAY_MS
        assert view.ended_at_ms <= NOW_MS
        assert view_epoch_ms(view.view_id) == view.started_at_ms


def test_half_leave_at_fifteen_seconds():
    views = list(audience(LeaveAt(1.0, 15.0), count=10).views())
    assert all(view.truth.passes() == [1] * 15 + [0] * 45 for view in views)


def test_shares_are_met_within_chance():
    views = list(audience(SkipIntro(0.4, 0.0, 13.0), Replay(0.25, 40.0, 50.0), count=1000).views())
    skipped = sum(view.truth.seeks_forward for view in views)
    replayed = sum(view.truth.seeks_back for view in views)
    assert 340 <= skipped <= 460  # 400 ± 4 standard deviations
    assert 195 <= replayed <= 305


def test_an_incident_strikes_its_day_alone():
    views = list(audience(Incident(1.0, 9, 3, 2000), count=400).views())
    stalled_days = {NOW_MS // DAY_MS - view.started_at_ms // DAY_MS for view in views if view.truth.stalls}
    assert stalled_days == {9}
    assert {view.truth.stalls for view in views} == {0, 3}


def test_viewers_return_and_keep_their_device():
    devices: dict[str, set[str]] = {}
    for view in audience(count=300).views():
        devices.setdefault(view.viewer_id, set()).add(view.device.name)
    assert 190 <= len(devices) <= 260  # a quarter of 300 visits are by somebody seen before
    assert Counter(len(names) for names in devices.values()) == {1: len(devices)}


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("skip=0.4,0,13", SkipIntro(0.4, 0.0, 13.0)),
        ("replay=1,40,50.5", Replay(1.0, 40.0, 50.5)),
        ("incident=1,3", Incident(1.0, 3)),
    ],
)
def test_effects_are_read_from_text(text, effect):
    assert parse_effect(text) == effect


@pytest.mark.parametrize("text", ["skip", "jump=1", "skip=a", "skip=2,0,13", "skip=0.4,0,13,9", "replay=0.5"])
def test_an_effect_that_makes_no_sense_is_refused_with_the_list(text):
    with pytest.raises(InvalidInput):
        parse_effect(text)
