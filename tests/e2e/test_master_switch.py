"""Another master arrives while a video plays: the picture goes on, and what the new one adds is used."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest
from playwright.sync_api import Route

from tests.e2e.streams import make_many_tracks, master_of
from tests.e2e.test_engine import Stage, build_pages, stage_of
from tests.e2e.viewer import wait_until_at

pytestmark = [pytest.mark.e2e, pytest.mark.exact]

SECONDS = 40
FIRST_HELD = 5  # index of the first segment that is held back before the switch: 10 s are buffered, not 30
LONGEST_GAP_MS = 250
LARGEST_JUMP_S = 0.1
SEGMENT = re.compile(r"/(\d+)\.m4s$")
STEADY = 9  # frames whose median is where the playhead is
AROUND_MS = 1500  # before and after each of the two moments at which something happens
FRAMES = """
addEventListener('DOMContentLoaded', () => {
  const video = document.querySelector('video');
  window.frames_ = [];
  window.begunAnew_ = 0;
  video.addEventListener('emptied', () => { window.begunAnew_ += 1; });
  const look = (_, { width }) => {
    window.frames_.push([performance.now(), video.currentTime, width]);
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
});
"""


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shelf whose stream has two renditions, of which `first.m3u8` names one."""
    folder = tmp_path_factory.mktemp("growing")
    build_pages(folder)
    make_many_tracks(folder / "stream", seconds=SECONDS, heights=(180, 360))
    (folder / "stream" / "first.m3u8").write_text(master_of((180,)), encoding="utf-8")
    return folder


class Frame(NamedTuple):
    """A painted picture: the page's clock, the playhead, and the picture's own width."""

    at_ms: float
    position_s: float
    width: int


def frames(stage: Stage) -> list[Frame]:
    return [Frame(*frame) for frame in stage.page.evaluate("window.frames_")]


def longest_gap_ms(painted: list[Frame]) -> float:
    """The longest time without a new picture."""
    return max(after.at_ms - before.at_ms for before, after in pairwise(painted))


def largest_jump_s(painted: list[Frame]) -> float:
    """The most that the playhead moved against the clock and stayed there. One late look of a busy page is no jump."""
    ahead_s = [frame.position_s - frame.at_ms / 1000 for frame in painted]
    medians = [median(ahead_s[start : start + STEADY]) for start in range(len(ahead_s) - STEADY + 1)]
    return max(abs(after - before) for before, after in zip(medians, medians[STEADY:], strict=False))


def between(painted: list[Frame], from_ms: float, to_ms: float) -> list[Frame]:
    return [frame for frame in painted if from_ms <= frame.at_ms <= to_ms]


def test_the_picture_never_stands_nor_jumps_while_a_new_master_arrives(browser, growing):
    with stage_of(browser, growing, FRAMES) as stage:
        stage.meddle = hold_back
        stage.open("first.m3u8")
        wait_until_at(stage.page, 4.0)
        assert heights(stage) == [180]
        stage.meddle = pass_on
        begun_anew = stage.page.evaluate("window.begunAnew_")
        asked_ms = stage.page.evaluate("performance.now()")
        assert stage.say("engine.switchTo('/stream/master.m3u8')") is True
        taken_ms = stage.page.evaluate("performance.now()")
        assert heights(stage) == [180, 360]
        wait_until_at(stage.page, 2 * FIRST_HELD + 4)
        assert stage.page.evaluate("window.begunAnew_") == begun_anew, "the element keeps its source and its buffers"
        painted = frames(stage)
        larger_ms = next(frame.at_ms for frame in painted if frame.width == 640)
        for moments in (
            between(painted, asked_ms - AROUND_MS, taken_ms + AROUND_MS),
            between(painted, larger_ms - AROUND_MS, larger_ms + AROUND_MS),
        ):
            assert len(moments) > 2 * STEADY
            assert longest_gap_ms(moments) <= LONGEST_GAP_MS
            assert largest_jump_s(moments) <= LARGEST_JUMP_S
        assert stage.say("bench.fatal") == []
        assert not stage.witness.errors


def hold_back(_route: Route, path: str) -> bool:
    """Leave requests for later segments unanswered."""
    segment = SEGMENT.search(path)
    return segment is not None and int(segment[1]) >= FIRST_HELD


def pass_on(_route: Route, _path: str) -> bool:
    return False


def test_the_chosen_quality_and_sound_stay(browser, growing):
    with stage_of(browser, growing) as stage:
        stage.meddle = hold_back
        stage.open("first.m3u8")
        wait_until_at(stage.page, 1.0)
        stage.say("engine.selectAudioTrack(1)")
        stage.say("engine.select(0)")
        wait_until_at(stage.page, 3.0)
        stage.meddle = pass_on
        assert stage.say("engine.switchTo('/stream/master.m3u8')") is True
        assert heights(stage) == [180, 360]
        assert stage.say("engine.audioTracks[engine.audioTrack].lang") == "de"
        assert stage.say("engine.levels[engine.selected].height") == 180
        end_s = stage.say("document.querySelector('video').buffered.end(0)")
        stage.page.wait_for_function("(s) => document.querySelector('video').buffered.end(0) > s + 2", arg=end_s)
        assert stage.heights_asked() == {180}


@pytest.mark.parametrize("name", ["missing.m3u8", "v180/0.m4s"])
def test_a_master_that_is_none_costs_nothing(browser, growing, name):
    with stage_of(browser, growing) as stage:
        stage.open("first.m3u8")
        wait_until_at(stage.page, 1.0)
        assert stage.say(f"engine.switchTo('/stream/{name}')") is False
        wait_until_at(stage.page, 3.0)
        assert heights(stage) == [180]
        assert stage.say("bench.fatal") == []


def test_of_masters_that_come_faster_than_they_are_loaded_the_newest_wins(browser, growing):
    with stage_of(browser, growing) as stage:
        stage.open("first.m3u8")
        wait_until_at(stage.page, 1.0)
        names = ["master", "first", "master", "first", "master"]
        done = stage.say(f"Promise.all({names}.map((name) => engine.switchTo(`/stream/${{name}}.m3u8`)))")
        assert done == [True] * 5
        assert heights(stage) == [180, 360]
        asked = [path for _, path in stage.asked if path.endswith(".m3u8") and path.count("/") == 2]
        assert asked[-1] == "/stream/master.m3u8"
        assert len(asked) < 2 * len(names)
        wait_until_at(stage.page, 4.0)
        assert stage.say("bench.fatal") == []


def test_before_anything_has_played_it_begins_with_the_new_one(browser, growing):
    with stage_of(browser, growing) as stage:
        stage.open("first.m3u8")
        assert stage.say("engine.switchTo('/stream/master.m3u8')") is True
        wait_until_at(stage.page, 1.0)
        assert heights(stage) == [180, 360]
        assert stage.page.evaluate("window.bench.fatal") == []


def heights(stage: Stage) -> list[int]:
    return [level["height"] for level in stage.say("engine.levels")]
