"""Where playing breaks: worst segments, renditions; and the Library's words."""

from __future__ import annotations

from typing import Any

from dashboard import imports, playback


def segment(from_s: float, stall_s: float, affected: int, height: int | None = 720) -> dict[str, Any]:
    return {
        "video_id": "film", "revision": 1, "from_s": from_s, "to_s": from_s + 6, "worst_segments": stall_s * affected,
        "stall_s": stall_s, "stalls": affected, "affected": affected, "height": height, "n": 200,
    }  # fmt: skip


def test_the_worst_segment_comes_first():
    rows = [segment(0, 4.0, 3), segment(24, 90.0, 40), segment(30, 6.0, 5)]
    assert [row["from_s"] for row in playback.worst_first(rows)] == [24, 30, 0]


def test_renditions_of_several_videos_add_up():
    rows = [
        {"height": height, "playing_s": playing_s, "stall_s": stall_s, "stalls": 1, "n": 10}
        for height, playing_s, stall_s in ((720, 60.0, 0.0), (360, 15.0, 5.0), (720, 25.0, 15.0))
    ]
    low, high = playback.renditions(rows)
    assert (low.label, low.share, low.stalled) == ("360p", 0.15, 0.25)
    assert (high.label, high.share, high.stalled) == ("720p", 0.85, 0.15)
    assert high.views == 20


def test_a_rendition_says_how_long_it_still_takes():
    half = {"height": 1080, "progress": 0.42, "speed": 1.8, "eta_s": 40.0}
    assert imports.rendition(half) == "1080p · 42\u202f% · 1.8× · 0:40 left"
    assert imports.rendition({**half, "progress": 1.0}) == "1080p · ready"


def test_tags_are_parted_by_commas_each_once():
    assert imports.tags(" how-to, news ,,how-to") == ["how-to", "news"]
