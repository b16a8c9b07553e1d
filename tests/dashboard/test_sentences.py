"""Sentences above the charts: what happened, where, how sure."""

from __future__ import annotations

from typing import Any

from dashboard import sentences
from dashboard.queries import Listed
from dashboard.ranking import Leader, table, top_videos
from viewbox.stories import Finding, Kind


def test_what_was_seen_where_no_view_is_valid():
    exits, failures = {"exits": 1}, {"by_code": [{"code": "x", "failures": 3, "startup": 2}]}
    assert sentences.seen_instead({"invalid": 1}, {}, exits) == "1 attempt that never started"
    assert sentences.seen_instead({"invalid": 4, "bots": 1}, failures, exits) == (
        "2 attempts that failed, 1 attempt that never started, 1 view under a second, 1 robot view"
    )
    assert sentences.seen_instead({}, {}, {}) == ""


def finding(kind: Kind, **values: Any) -> Finding:
    told: dict[str, Any] = {
        "sentence": "s", "sure": "", "metric": "m", "effect": 0.4, "low": 0.3, "high": 0.5, "n": 40, "chance": 0.0,
        "note": "here",
    } | values  # fmt: skip
    return Finding(kind=kind, **told)


def test_stories_of_a_stretch_are_moments_of_the_panel():
    found = [
        finding("failure", filters=(("browser", ("Firefox",)),)),
        finding("skip", span=(0.0, 13.0)),
        finding("cliff", span=(180.0, 183.0)),
        finding("stall", span=(90.0, 96.0), note="34 % stall here"),
    ]
    assert [(one.kind, one.from_s, one.to_s, one.sentence) for one in sentences.moments(found)] == [
        ("skip", 0.0, 13.0, "here"), ("stall", 90.0, 96.0, "34 % stall here"),
    ]  # fmt: skip


def test_quality_is_good_until_something_is_missing():
    assert sentences.quality({"n_views": 100}) == ("good", "nothing missing")
    verdict, words = sentences.quality({"n_views": 100, "gaps": 5, "open": 1})
    assert (verdict, words) == ("fair", "5 missing events · 1 view still open")


def test_a_title_stays_text():
    leaders = [Leader("a", "*x* [y](z)", 20, 60.0, 0.5, 0.5, 0.0)] * 2
    assert sentences.leader(leaders) == "“\\*x\\* \\[y\\]\\(z\\)” leads with 1:00 played."


def test_the_ranking_goes_by_playing_time_and_keeps_rates_of_few_views_back():
    def rows(name: str, **by_video: float) -> list[dict[str, Any]]:
        return [{"video_id": video_id, name: value} | {"playing_s": value} for video_id, value in by_video.items()]

    answers = {
        "views": rows("views", a=12, b=3),
        "total_watch_time": rows("total_watch_time", a=60.0, b=90.0),
        "average_percentage_viewed": rows("average_percentage_viewed", a=0.5, b=1.0),
        "completion_rate": rows("completion_rate", a=0.25, b=1.0),
        "rebuffer_ratio": rows("rebuffer_ratio", a=0.0, b=0.0),
    }
    listed = {"a": Listed("a", "First", "ready", (), 60.0)}
    leaders = top_videos(answers, listed)
    assert [leader.id for leader in leaders] == ["b", "a"]
    shown = table(leaders, {"a": "http://site/p.jpg"})
    assert shown["Title"] == ["b", "First"]
    assert shown["Completion"] == ["too few views (3)", "25\u202f%"]
    assert shown["Poster"] == [None, "http://site/p.jpg"]
