"""Stories about places in the video: rows of metrics in, candidates out. Found, not found, too small, one of many."""

from __future__ import annotations

from typing import Any

from viewbox.stories.chance import holm
from viewbox.stories.detectors import cliffs, fast, replays, skips, stalls
from viewbox.stories.finder import ALPHA
from viewbox.stories.finding import Ask, Candidate

Found = tuple[list[Candidate], int]
LENGTH = 300


def named(found: Found) -> list[str]:
    candidates, looked = found
    kept = holm([one.chance for one in candidates], ALPHA, looked)
    return [one.finding.sentence for one, holds in zip(candidates, kept, strict=True) if holds]


def by_second(reached: int = 1000, **special: dict[int, Any]) -> list[dict[str, Any]]:
    quiet = {"skip_share": 0.0, "reached": reached, "pauses": 0, "stalls": 0, "stall_s": 0.0, "exits": reached // 500}
    rows = [{"second": second, **quiet} for second in range(LENGTH)]
    for column, seconds in special.items():
        for second, value in seconds.items():
            rows[second][column] = value
    return rows


def skipped(share: float, reached: int) -> Found:
    section = {"section": 1, "from_s": 0, "to_s": 13, "share": share, "landed": 13}
    seconds = by_second(reached, skip_share=dict.fromkeys(range(13), share))
    return skips.find([section], seconds, 1.0)


def test_a_skipped_intro_is_told_with_its_share():
    assert named(skipped(0.41, 1000)) == ["41\u202f% skip 0:00–0:13."]
    assert skipped(0.41, 1000)[0][0].finding.sure == "(95\u202f%: 38–44\u202f%, 1,000 views got there)"


def test_three_of_twelve_views_skip_nothing_that_would_be_told():
    assert named(skipped(0.25, 12)) == []


def test_a_skip_a_little_above_the_threshold_is_none():
    assert named(skipped(0.06, 1000)) == []


def test_viewers_who_come_often_count_once():
    section = {"section": 1, "from_s": 0, "to_s": 13, "share": 0.25, "landed": 13}
    seconds = by_second(60, skip_share=dict.fromkeys(range(13), 0.25))
    assert named(skips.find([section], seconds, 1.0))
    assert named(skips.find([section], seconds, 0.2)) == []  # sixty views of twelve viewers


def replayed(extra: float, share: float, n: int, usual: float = 0.002) -> Found:
    inside: dict[str, Any] = {
        "section": 1, "section_from_s": 130, "section_to_s": 145, "section_share": share, "extra": extra, "n": n,
    }  # fmt: skip
    rows = [
        {"from_s": second, "section": None, "extra": usual, "n": n} | (inside if 130 <= second < 145 else {})
        for second in range(LENGTH)
    ]
    return replays.find(rows, [{"from_s": second, "unique": 0.5} for second in range(LENGTH)], n)


def test_a_replayed_stretch_is_told():
    assert named(replayed(0.2, 0.2, 1000)) == ["Replayed most: 2:10–2:25."]


def test_a_few_replays_are_chance():
    assert named(replayed(0.04, 0.04, 100)) == []  # four of a hundred


def test_one_viewer_who_loops_a_stretch_is_one():
    assert named(replayed(0.5, 0.01, 100)) == []


def test_replays_everywhere_are_no_place():
    assert named(replayed(0.2, 0.2, 1000, usual=0.1)) == []


def test_a_cliff_is_told_at_its_second():
    assert named(cliffs.find(by_second(exits={180: 310}), 1.0)) == ["31\u202f% leave at 3:00."]


def test_many_exits_at_the_beginning_and_in_the_credits_are_no_cliff():
    assert named(cliffs.find(by_second(exits={1: 300, 290: 300}), 1.0)) == []


def test_where_people_leave_ever_more_slowly_there_is_no_cliff():
    left = {second: round(100 * 0.9**second) for second in range(60)}
    assert named(cliffs.find(by_second(exits=left), 1.0)) == []


def test_four_exits_of_sixty_views_are_chance():
    assert named(cliffs.find(by_second(60, exits={180: 4}), 1.0)) == []


def heights(*rows: tuple[int, int, int, int, int]) -> list[dict[str, Any]]:
    names = ("height", "played", "stalled", "left", "stalled_left")
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_a_stretch_that_stalls_in_one_quality_and_drives_viewers_away_is_told_whole():
    found, looked = stalls.find(by_second(stalls=dict.fromkeys(range(90, 96), 20)), 1.0)
    assert named((found, looked)) == ["12\u202f% of views stall at 1:30–1:36."]
    asked: list[Ask] = []

    def look(ask: Ask) -> list[dict[str, Any]]:
        asked.append(ask)
        return heights((360, 300, 2, 6, 0), (720, 300, 116, 56, 50), (1080, 400, 2, 8, 0))

    told = stalls.explained(found[0].finding, look, 1.0)
    assert asked == [Ask("segment_stalls", params=(("from_s", "90"), ("to_s", "96")))]
    assert told.sentence == (
        "39\u202f% of views in 720p stall at 1:30–1:36, and 43\u202f% of these leave there (2\u202f% of others)."
    )


def test_stalls_in_all_qualities_name_none_and_stay_without_exits():
    found, _ = stalls.find(by_second(stalls=dict.fromkeys(range(90, 96), 20)), 1.0)
    told = stalls.explained(found[0].finding, lambda _: heights((360, 500, 60, 10, 1), (720, 500, 60, 10, 1)), 1.0)
    assert told.sentence == "12\u202f% of views stall at 1:30–1:36."


def test_the_only_quality_there_is_is_named_too():
    found, _ = stalls.find(by_second(stalls=dict.fromkeys(range(90, 96), 20)), 1.0)
    told = stalls.explained(found[0].finding, lambda _: heights((720, 1000, 120, 20, 2)), 1.0)
    assert told.sentence == "12\u202f% of views in 720p stall at 1:30–1:36."
    unknown = stalls.explained(found[0].finding, lambda _: heights((0, 1000, 120, 20, 2)), 1.0)
    assert unknown.sentence == "12\u202f% of views stall at 1:30–1:36."


def test_a_quality_that_few_viewers_saw_is_not_named():
    found, _ = stalls.find(by_second(stalls=dict.fromkeys(range(90, 96), 20)), 1.0)
    few = stalls.explained(found[0].finding, lambda _: heights((360, 29, 29, 1, 1), (720, 971, 21, 10, 0)), 1.0)
    assert few.sentence == "5\u202f% of views stall at 1:30–1:36."  # 50 of 1,000
    enough = stalls.explained(found[0].finding, lambda _: heights((360, 30, 30, 1, 1), (720, 970, 21, 10, 0)), 1.0)
    assert enough.sentence == "100\u202f% of views in 360p stall at 1:30–1:36."


def test_stalls_all_over_the_video_are_no_place():
    assert named(stalls.find(by_second(stalls=dict.fromkeys(range(LENGTH), 5)), 1.0)) == []
    assert named(stalls.find(by_second(60, stalls={90: 1, 92: 1}), 1.0)) == []


def speeds(fast_at: float, plays: int) -> Found:
    rows = [
        {"second": second, "speed_by_second": fast_at if second >= 240 else 1.05, "plays": plays}
        for second in range(LENGTH)
    ]
    return fast.find(rows, {"by_rate": [{"rate": 1.0, "share": 0.9}, {"rate": 1.5, "share": 0.1}]}, 1.0)


def test_a_stretch_played_faster_is_told():
    assert named(speeds(1.5, 1000)) == ["4:00–5:00 is played at 1.5×, the rest at 1.05×."]


def test_a_little_faster_or_by_few_is_not_told():
    assert named(speeds(1.1, 5000)) == []
    assert named(speeds(1.15, 40)) == []
    assert named(speeds(2.0, 20)) == []
