"""The rollup over time: views that stay open, fall silent, come back, move day; videos whose length changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.sql.stories import T0_MS, Story
from tests.sql.world import DAY_MS, World
from viewbox.spool import Spool

MINUTE_MS = 60_000


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Now is ten minutes after the stories' first event."""
    world = World(tmp_path, now_ms=T0_MS + 10 * MINUTE_MS)
    yield world
    world.close()


def half(name: str = "a", **story: object) -> Story:
    return Story(name, **story).play().watch(30)  # type: ignore[arg-type]


def test_a_view_without_view_end_is_open_until_five_minutes_of_silence(world: World) -> None:
    world.video("v", 60)
    began_ms = world.clock.now_ms() - 30_000  # its last event happened just now
    world.tell(half(began_ms=began_ms))
    world.settle()
    before = world.rows("SELECT closed_by, ended_at, watch_ms, playing_ms FROM views")
    world.clock.advance(ms=5 * MINUTE_MS - 6_001 - 6_000)  # `settle` adds 6 s
    world.settle()
    assert world.rows("SELECT closed_by FROM views") == [(None,)]
    assert world.rows("SELECT sum(exits) FROM seconds") == [(0,)]
    world.clock.advance(ms=1)
    world.settle()
    after = world.rows("SELECT closed_by, ended_at, watch_ms, playing_ms FROM views")
    assert (before[0][0], after[0][0]) == (None, "timeout")
    assert before[0][1:] == after[0][1:]
    assert world.rows("SELECT second, exits FROM seconds WHERE exits <> 0") == [(30, 1)]


def test_events_after_a_view_end_open_the_view_again(world: World) -> None:
    world.video("v", 60)
    story = half(began_ms=world.clock.now_ms() - 40_000).leave()
    world.tell(story)
    world.settle()
    assert world.rows("SELECT closed_by FROM views") == [("view_end",)]
    first_part = len(story.events)
    story.play().watch(5)
    world.send([story.message(first_part)])
    world.settle()
    assert world.rows("SELECT closed_by, playing_ms, events FROM views") == [(None, 35_000, len(story.events))]
    assert world.rows("SELECT sum(exits), sum(plays) FROM seconds") == [(0, 35)]


def test_a_late_view_end_that_is_not_the_highest_seq_closes_nothing(world: World) -> None:
    world.video("v", 60)
    story = half(began_ms=world.clock.now_ms() - 40_000).leave().play().watch(5)
    ends = next(place for place, event in enumerate(story.events) if event["type"] == "view_end")
    world.send([story.message(0, ends), story.message(ends + 1)])
    world.settle()
    assert world.rows("SELECT closed_by, gaps FROM views") == [(None, 1)]
    world.send([story.message(ends, ends + 1)])
    world.settle()
    assert world.rows("SELECT closed_by, gaps FROM views") == [(None, 0)]


def test_the_fastest_message_dates_the_view_and_may_move_it_to_another_day(world: World) -> None:
    world.video("v", 60)
    midnight_ms = T0_MS - T0_MS % DAY_MS
    story = half(began_ms=midnight_ms - 1_000)
    world.send([story.message(0, 3)], late_ms=5_000)
    world.settle()
    assert world.rows("SELECT dt FROM views") == [(date(2026, 11, 23),)]
    world.send([story.message(3)], late_ms=200)
    world.settle()
    assert world.rows("SELECT dt, count(*) FROM views GROUP BY dt") == [(date(2026, 11, 22), 1)]
    assert world.rows("SELECT dt, count(*) FROM intervals GROUP BY dt") == [(date(2026, 11, 22), 3)]
    assert world.rows("SELECT dt, sum(plays) FROM seconds GROUP BY dt") == [(date(2026, 11, 22), 30)]
    # 200 ms of transit remain; the clock of the viewer said 23:59:59.
    assert world.rows("SELECT epoch_ms(started_at) FROM views") == [(midnight_ms - 800,)]


def test_a_clock_three_hours_ahead_and_an_outage_leave_the_start_right(world: World) -> None:
    world.video("v", 60)
    ahead_ms = 3 * 3_600_000
    story = half(began_ms=T0_MS + ahead_ms)  # what the viewer's clock says; really it is T0
    for message, late_ms in ((story.message(0, 3), 90_000), (story.message(3), 150)):
        world.send([message], late_ms=late_ms - ahead_ms)
    world.settle()
    assert world.rows("SELECT epoch_ms(started_at) FROM views") == [(T0_MS + 150,)]


def test_a_file_of_thirty_days_ago_keeps_its_dates(world: World) -> None:
    world.video("v", 60)
    world.ingest([Story("old", began_ms=T0_MS - 30 * DAY_MS).play().watch(30).leave()])
    world.settle()
    assert world.rows("SELECT dt, source, epoch_ms(started_at) FROM views") == [
        (date(2026, 10, 24), "file", T0_MS - 30 * DAY_MS)
    ]
    assert world.rows("SELECT DISTINCT dt FROM seconds") == [(date(2026, 10, 24),)]


def test_an_external_video_is_as_long_as_most_of_its_views_say_then_as_the_longest(world: World) -> None:
    def told(name: str, duration_s: float) -> Story:
        return half(name, video_id="other", context={"duration_s": duration_s}).leave()

    world.tell(told("a", 50.0))
    world.settle()
    assert world.rows("SELECT duration_s FROM videos") == [(50.0,)]
    world.tell(told("b", 60.0))  # a tie: the longest
    world.settle()
    assert world.rows("SELECT duration_s FROM videos") == [(60.0,)]
    assert world.rows("SELECT DISTINCT coverage FROM views") == [(0.5,)]
    world.tell(told("c", 40.0), told("d", 40.0))  # the majority
    world.settle()
    assert world.rows("SELECT duration_s, status FROM videos") == [(40.0, "external")]
    assert world.rows("SELECT DISTINCT coverage, count(*) FROM views GROUP BY coverage") == [(0.75, 4)]


def test_a_catalog_duration_beats_a_reported_one(world: World) -> None:
    world.video("v", 60)
    world.tell(half(context={"duration_s": 30.0}).leave())
    world.settle()
    assert world.rows("SELECT coverage, completed FROM views") == [(0.5, False)]


def test_without_any_duration_slices_follow_the_furthest_valid_view(world: World) -> None:
    world.tell(half("a", video_id="other").leave())
    world.settle()
    assert world.rows("SELECT coverage, completed FROM views") == [(None, None)]
    # p = 30: n = ceil(29.5) = 30 slices; the exit at 30 belongs to the last one.
    assert world.rows("SELECT count(*), max(second), max(second) FILTER (exits = 1) FROM seconds") == [(30, 29, 29)]
    world.tell(Story("b", video_id="other").play().watch(45.7).leave())
    world.settle()
    # p = 45.7: n = ceil(45.2) = 46; now the first exit has a slice of its own.
    assert world.rows("SELECT second FROM seconds WHERE exits > 0 ORDER BY second") == [(30,), (45,)]
    assert world.rows("SELECT max(second) FROM seconds WHERE plays > 0") == [(45,)]


def test_a_view_without_coverage_can_still_be_an_exit(world: World) -> None:
    world.tell(half(video_id="other").leave())
    world.settle()
    assert world.rows("SELECT sum(exits) FROM seconds") == [(1,)]


def test_a_duration_corrected_in_the_catalog_reaches_views_that_were_done(world: World) -> None:
    world.video("v", 60)
    world.tell(half().leave())
    world.settle()
    world.video("v", 32)
    world.settle()
    assert world.rows("SELECT coverage, completed FROM views") == [(0.9375, True)]
    assert world.rows("SELECT sum(exits) FROM seconds") == [(0,)]


def test_each_revision_is_measured_by_its_own_duration(world: World) -> None:
    world.video("v", 60)
    world.tell(half("a").leave())
    world.settle()
    world.video("v", 40, revision=2)
    world.tell(half("b").leave())
    world.settle()
    assert world.rows("SELECT revision, coverage FROM views ORDER BY revision") == [(1, 0.5), (2, 0.75)]
    assert world.rows("SELECT revision, sum(plays), max(second) FROM seconds GROUP BY revision ORDER BY 1") == [
        (1, 30, 30),
        (2, 30, 30),
    ]


def test_facts_come_from_the_lowest_seq_that_has_one(world: World) -> None:
    world.video("v", 60)
    story = half(context={"player_name": "first", "custom": {"plan": "pro"}}).leave()
    later = story.message(4) | {"context": {"player_name": "second", "language": "de", "custom": {"plan": "free"}}}
    world.send([later, story.message(0, 4)])
    world.settle()
    assert world.rows("SELECT player_name, language, custom FROM views") == [("first", "de", '{"plan":"pro"}')]


@pytest.mark.parametrize("kind", ["heartbeat", "pause", "ended", "view_end", "stall", "seek"])
def test_a_view_of_one_event_is_a_view(world: World, kind: str) -> None:
    needs: dict[str, dict[str, Any]] = {
        "view_end": {"reason": "unload"},
        "stall": {"wait_ms": 5},
        "seek": {"from_s": 0, "to_s": 5},
    }
    story = Story("a")
    story.events.clear()
    story.emit(kind, **needs.get(kind, {}))
    world.tell(story)
    world.settle()
    assert world.rows("SELECT events, gaps, watch_ms, played, is_valid, coverage FROM views") == [
        (1, 0, 0, False, False, None)
    ]
    assert world.rows("SELECT count(*) FROM seconds") == [(0,)]


def test_shuffled_doubled_and_split_over_two_doors_the_tables_are_the_same(world: World, tmp_path: Path) -> None:
    def stories() -> list[Story]:
        return [
            half("a").stall(2).seek(50).watch(5).leave(),
            half("b", video_id="other", context={"duration_s": 61.0}).pause(3).play().watch(4).ended().leave(),
            Story("c", video_id="other").ask().wait(3).leave(),
        ]

    world.video("v", 60)
    world.tell(*stories(), size=4)
    world.settle()

    other = World(tmp_path / "other", now_ms=T0_MS + 10 * MINUTE_MS)
    other.video("v", 60)
    messages = [message for story in stories() for message in story.messages(4)] * 2
    Random(7).shuffle(messages)
    first, second = other.spool, Spool(other.settings.spool_dir)
    for place, message in enumerate(messages):
        other.spool = first if place % 2 else second
        other.send([message])
    other.settle()
    for table in ("events", "views", "intervals", "seeks", "stalls", "pauses", "seconds", "viewer_videos"):
        sql = f"SELECT * FROM {table} ORDER BY ALL"
        assert other.rows(sql) == world.rows(sql), table
    second.close()
    other.spool = first
    other.close()
