"""The animated preview: which seconds of which segments, and how FFmpeg is asked for them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from transcoder.playlists import Segment, Track
from transcoder.preview import choose, preview_command


def track(*durations_s: float, fps: int = 25) -> Track:
    segments = tuple(Segment(f"{n:05d}.m4s", Fraction(s), 1000, 100) for n, s in enumerate(durations_s))
    return Track("234p", "avc1.64000d", segments, 416, 234, Fraction(fps))


@pytest.mark.parametrize(
    ("durations_s", "segments", "begins_s"),
    [
        ((6,) * 10, (1, 3, 6, 8), (0, 16, 30, 46)),  # a minute: at 6, 22, 36 and 52 s, counted from segment 1
        ((6, 4), (0, 1), (0, 2, 6, 8)),
        ((3,), (0,), (0, 1.5)),
        ((0.5,), (0,), (0,)),
    ],
)
def test_places_lie_evenly_at_the_start_of_groups(durations_s, segments, begins_s):
    cut = choose(track(*durations_s))
    assert cut.segments == segments
    assert [begin for begin, _ in cut.stretches] == pytest.approx([begin - 0.02 for begin in begins_s])
    assert all(end - begin == pytest.approx(1.0) for begin, end in cut.stretches)


def test_the_command_reads_one_file_and_writes_one_picture():
    command = preview_command(Path("/ffmpeg"), track(*[6] * 10), Path("/x/preview.mp4"), choose(track(*[6] * 10)))
    assert command[command.index("-i") + 1] == "file:/x/preview.mp4"
    assert command[command.index("-protocol_whitelist") + 1] == "file"
    graph = command[command.index("-filter_complex") + 1]
    assert "mod(n" in graph
    assert "scale=288:162" in graph
    assert command[-1] == "file:preview.webp"
