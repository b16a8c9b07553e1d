"""Curves of the panel: thinned honestly, put together from the metrics' rows."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.strips import MAX_POINTS, Strips, caption, facts_of, notice, panel_data, points_for, strips, thinned

FRESH = "as of 14:03:22 · data quality good"


def slices(**columns: list[Any]) -> list[dict[str, Any]]:
    """Rows of one-second slices; each column a list."""
    length = len(next(iter(columns.values())))
    return [
        {"second": second, "from_s": float(second), "to_s": second + 1.0}
        | {name: values[second] for name, values in columns.items()}
        for second in range(length)
    ]


def by_second(**columns: list[Any]) -> list[dict[str, Any]]:
    nothing = {name: [0] * 4 for name in ("skip_share", "reached", "pauses", "stalls", "exits")}
    return slices(**(nothing | columns))


@pytest.mark.parametrize(("duration_s", "points"), [(80.0, 0), (1000.4, 0), (36_000.0, MAX_POINTS), (None, 0)])
def test_only_long_videos_are_thinned(duration_s, points):
    assert points_for(duration_s) == points


def test_thinning_keeps_sums_means_and_peaks():
    values = [0, 2, 4, 6, 10, 8]
    assert thinned(values, 3, "sum") == [2, 10, 18]
    assert thinned(values, 3, "mean") == [1, 5, 9]
    assert thinned(values, 3, "max") == [2, 6, 10]
    assert thinned(values, 10, "mean") == values


def test_ten_hours_become_a_thousand_points_and_lose_no_event():
    events = [0] * 36_000
    events[35_999] = 3
    thin = thinned(events, MAX_POINTS, "sum")
    assert (len(thin), sum(thin), thin[-1]) == (1000, 3, 3)


def test_strips_from_metrics():
    drawn = strips(
        slices(unique=[1.0, 0.5], absolute=[1.0, 1.5]),
        slices(most_replayed=[0.0, 1.0]),
        by_second(skip_share=[0, 0.5, 0, 0])[:2],
    )
    assert drawn == Strips(1.0, (1.0, 0.5), (1.0, 1.5), (0.0, 1.0), (0.0, 0.5))


def test_without_ten_views_there_are_no_replays_but_the_rest_stands():
    drawn = strips(slices(unique=[1.0], absolute=[1.0]), [], [])
    assert drawn is not None
    assert (drawn.replays, drawn.skips) == ((0.0,), (0.0,))


def test_a_caption_says_what_a_point_is():
    long = Strips(36.0, (1.0,), (1.0,), (0.0,), (0.0,))
    assert "a point is 36\u202fs of video: its mean, for skips its peak" in caption(long, 58, FRESH)
    said = caption(Strips(1.0, (1.0,), (1.0,), (0.0,), (0.0,)), 58, FRESH)
    assert said.startswith(f"n 58 valid views · {FRESH} · ")
    assert "point" not in said


def test_a_selection_counts_what_lies_in_it():
    retention = slices(unique=[1.0, 0.8, 0.6, 0.4], absolute=[1, 1, 1, 1])
    happened = by_second(reached=[10, 10, 8, 6], skip_share=[0, 0.2, 0.4, 0], pauses=[1, 2, 3, 4])
    facts = facts_of({"from_s": 1.0, "to_s": 3.0}, retention, happened)
    assert facts["views"] == pytest.approx(0.7)
    assert (facts["reached"], facts["skips"], facts["pauses"]) == (10, 0.4, 5)


def video(**values: object) -> dict[str, Any]:
    urls = {"hls": "http://site/m.m3u8", "poster": None, "storyboard": None, "chapters": None}
    whole = {"id": "v", "title": "T", "playable": True, "status": "ready", "duration_s": 4.0, "urls": urls}
    return whole | {"error": None, "progress": 1.0} | values


def test_a_video_that_cannot_play_says_why():
    assert notice(video()) is None
    assert "elsewhere" in (notice(video(playable=False, status="external")) or "")
    failed = video(playable=False, status="failed", error={"hint": "Choose another file."})
    assert notice(failed) == "The import failed. Choose another file."
    assert "encoding, 42\u202f% done" in (notice(video(playable=False, status="encoding", progress=0.42)) or "")


def test_without_views_the_panel_is_the_player_alone():
    data = panel_data(video(), None, [], views=0, fresh=FRESH)
    assert (data["strips"], data["caption"], data["empty"]) == (None, None, None)
    assert data["video"]["hls"] == "http://site/m.m3u8"
