"""Sentences above the charts: what happened, where, how sure."""

from __future__ import annotations

from datetime import date
from typing import Any

from dashboard import sentences
from dashboard.queries import Listed
from dashboard.ranking import Leader, table, top_videos

QUIET = {"device_type": "desktop", "stall_s": 1.0, "watch_s": 1000.0, "n": 30}


def day(number: int, **values: object) -> dict[str, Any]:
    return {**QUIET, "period": date(2026, 11, number), **values}


def test_what_was_seen_where_no_view_is_valid():
    exits, failures = {"exits": 1}, {"by_code": [{"code": "x", "failures": 3, "startup": 2}]}
    assert sentences.seen_instead({"invalid": 1}, {}, exits) == "1 attempt that never started"
    assert sentences.seen_instead({"invalid": 4, "bots": 1}, failures, exits) == (
        "2 attempts that failed, 1 attempt that never started, 1 view under a second, 1 robot view"
    )
    assert sentences.seen_instead({}, {}, {}) == ""


def test_the_strongest_skip_is_told_first():
    rows = [
        {"from_s": 40, "to_s": 50, "share": 0.1, "landed": 50},
        {"from_s": 0, "to_s": 13, "share": 0.41, "landed": 13},
    ]
    moments = sentences.skips(rows)
    assert (moments[0].from_s, moments[0].to_s) == (0, 13)
    assert moments[0].sentence == "41\u2009% skip it, most land at 0:13"
    assert sentences.skip_sentence(moments, rows) == "41\u2009% skip 0:00–0:13."


def test_replays_are_told_in_order_of_strength():
    inside = {"section": 1, "section_from_s": 130, "section_to_s": 145, "section_share": 0.18}
    outside = {"section": None, "section_from_s": None, "section_to_s": None, "section_share": None}
    moments = sentences.replays([outside, inside, inside])
    assert [moment.sentence for moment in moments] == ["18\u2009% of viewers replay it"]
    assert sentences.replay_sentence(moments) == "Replayed most: 2:10–2:25."


def test_nothing_is_said_where_nothing_stands_out():
    assert sentences.skip_sentence([], []) is None
    assert sentences.replay_sentence([]) is None
    assert sentences.incident([day(1), day(2), day(3)]) is None


def test_a_bad_day_is_an_incident():
    found = sentences.incident([day(1), day(2), day(14, stall_s=120.0), day(15)])
    assert found is not None
    assert (found.ratio, found.usual, found.device) == (0.12, 0.001, None)
    assert sentences.incident_sentence(found) == (
        "Quality incident on 14 Nov: viewers waited 12\u2009% of their watch time, 0.1\u2009% on other days."
    )


def test_an_incident_of_one_kind_of_device_names_it():
    rows = [day(1), day(14), day(14, device_type="phone", stall_s=200.0)]
    assert "viewers on phones waited" in (sentences.incident_sentence(sentences.incident(rows)) or "")


def test_few_views_are_no_incident():
    assert sentences.incident([day(1), day(14, stall_s=120.0, n=3)]) is None


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
    assert shown["Completion"] == ["too few views (3)", "25\u2009%"]
    assert shown["Poster"] == [None, "http://site/p.jpg"]
