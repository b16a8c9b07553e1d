"""Sound streams of every make: nothing that they must change is found, whatever features they use."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import streams
from tests.breaking import report, rules
from transcoder.lint import Severity

BASES = (
    streams.own, streams.transport, streams.single_files, streams.encrypted, streams.subtitled, streams.dated,
    streams.live, streams.low_latency, streams.joined, streams.packed,
)  # fmt: skip


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.__name__)
def test_nothing_is_found_in_a_sound_stream(base: Callable[[], streams.Files]):
    found = report(base())
    assert [finding for finding in found.findings if finding.rule.severity is Severity.MUST] == []
    assert found.unread == []
    assert found.playlists >= 5


def test_our_own_stream_leaves_one_thing_to_wish_for():
    # One picture per segment is what our I-frame playlists have; Apple would like one per second.
    assert rules(report(streams.own()), Severity.SHOULD) == {"iframes-sparse"}


def test_a_media_playlist_can_be_linted_alone():
    found = report(streams.own(), "r1/90p/video.m3u8")
    assert (found.playlists, found.segments, found.findings) == (1, 7, [])


def test_every_segment_was_looked_at():
    # Two pictures and two sounds of seven segments each, and seven I-frames of each picture.
    assert report(streams.own()).segments == 7 * 6
