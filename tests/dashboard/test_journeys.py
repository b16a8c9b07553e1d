"""Arcs of jumps and strips of views: what is drawn is what the rows say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard import charts, journeys

BEGAN = datetime(2026, 11, 13, 15, 10, tzinfo=UTC)


def jump(from_s: float, to_s: float, share: float) -> dict[str, Any]:
    return {"from_s": from_s, "to_s": to_s, "skip_graph": share, "jumps": int(100 * share)}


def view(passes: str, back: int = 0, **more: Any) -> dict[str, Any]:
    whole = {"started_at": BEGAN - timedelta(days=back), "watch_s": 84.0, "seeks": [], "stalls": []}
    return {**whole, "viewer_timeline": passes, **more}


def test_a_jump_ahead_is_an_arc_above_the_line_and_a_jump_back_one_below():
    figure = journeys.jumps([jump(0, 13, 0.41), jump(30, 20, 0.2)], 60.0)
    assert figure is not None
    back, ahead = figure.data  # the most frequent is drawn last, on top
    assert (min(ahead.x), max(ahead.x)) == pytest.approx((0, 13))
    assert min(ahead.y) >= -1e-9
    assert max(back.y) <= 1e-9
    assert (ahead.line.color, back.line.color) == (charts.SKIP, charts.REPLAY)
    assert ahead.line.width > back.line.width
    assert ahead.hovertext == "0:00 → 0:13: 41\u202f% of views, 41 jumps"
    assert {note.text for note in figure.layout.annotations} == {"forward", "back"}


def test_jumps_that_lead_nowhere_are_no_picture():
    assert journeys.jumps([], 60.0) is None
    assert journeys.jumps([jump(5, 5, 0.1)], 60.0) is None


def test_a_view_is_a_strip_whose_cells_say_how_often_they_were_played():
    figure = journeys.views([view("0123"), view("1111", back=1)], "Europe/Berlin")
    assert figure is not None
    once, twice, more = figure.data[:3]
    assert [list(strip) for strip in once.z] == [[None, 1, None, None], [1, 1, 1, 1]]
    assert list(twice.z[0]) == [None, None, 1, None]
    assert list(more.z[0]) == [None, None, None, 1]
    assert list(once.y) == ["1. 13 Nov, 16:10 · 1:24 watched", "2. 12 Nov, 16:10 · 1:24 watched"]


def test_a_long_video_keeps_a_second_that_was_played_again():
    figure = journeys.views([view("1" * 35_999 + "3")], "UTC")
    assert figure is not None
    assert len(figure.data[0].x) == journeys.MOST_COLUMNS
    assert figure.data[2].z[0][-1] == 1


def test_stalls_are_marked_where_they_were_and_counted_jumps_are_told():
    seeks = [{"counted": True}, {"counted": False}]
    stalls = [{"t_s": 3.0, "position_s": 2.0, "wait_s": 1.5}]
    figure = journeys.views([view("1111", seeks=seeks, stalls=stalls)], "UTC")
    assert figure is not None
    marks = figure.data[3]
    assert (list(marks.x), list(marks.hovertext)) == ([2.0], ["0:02: stalled 1.5\u202fs"])
    assert figure.data[0].y[0].endswith("watched, 1 jump")


def test_without_views_there_is_no_picture():
    assert journeys.views([], "UTC") is None
