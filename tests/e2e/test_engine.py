"""hls.js as ViewBox builds and runs it, on an element alone: every track is heard or read, and trouble is got over."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from ingest_api.site_headers import content_security_policy
from tests.e2e.browser import Witness, visitor
from tests.e2e.streams import make_many_tracks
from tests.e2e.viewer import wait_until_at

pytestmark = pytest.mark.e2e

PLAYER = Path(__file__).parents[2] / "player"
HOST = "http://engine.test"
VIDEO = re.compile(r"/v(\d+)/(\d+)\.m4s$")
Meddling = Callable[[Route, str], bool]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the built page and a stream of many tracks."""
    folder = tmp_path_factory.mktemp("shelf")
    build_pages(folder)
    make_many_tracks(folder / "stream")
    return folder


def build_pages(folder: Path) -> None:
    """The page of the engine alone, with all that it needs."""
    command = ["node_modules/.bin/vite", "build", "--config", "test/pages/vite.config.ts", "--outDir", str(folder)]
    subprocess.run(command, cwd=PLAYER, check=True, capture_output=True, timeout=120)


@dataclass
class Stage:
    """An open page of the engine alone. Nothing leaves the browser: files of the shelf answer every request."""

    page: Page
    witness: Witness
    shelf: Path
    asked: list[tuple[float, str]] = field(default_factory=list)
    meddle: Meddling = lambda _route, _path: False

    def answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        self.asked.append((time.monotonic(), path))
        if self.meddle(route, path):
            return
        place = self.shelf / path.lstrip("/")
        headers = {"Content-Security-Policy": content_security_policy()}
        route.fulfill(path=place, headers=headers) if place.is_file() else route.fulfill(status=404)

    def open(self, master: str = "master.m3u8") -> None:
        self.page.route("**/*", self.answer)
        self.page.goto(f"{HOST}/engine.html?src=/stream/{master}")
        self.page.wait_for_function("() => window.bench?.engine")

    def say(self, expression: str) -> Any:
        return self.page.evaluate(f"(() => {{ const {{ engine }} = bench; return {expression} }})()")

    def heights_asked(self) -> set[int]:
        return {int(found[1]) for _, path in self.asked if (found := VIDEO.search(path))}


@contextmanager
def stage_of(browser: Browser, shelf: Path, script: str = "") -> Iterator[Stage]:
    with visitor(browser) as (page, witness):
        if script:
            page.add_init_script(script)
        yield Stage(page, witness, shelf)


def test_sound_apart_from_the_picture_is_heard_in_the_chosen_language(browser, shelf):
    with stage_of(browser, shelf) as stage:
        stage.open()
        wait_until_at(stage.page, 1.0)
        assert stage.say("engine.audioTracks") == [
            {"index": 0, "label": "English", "lang": "en"},
            {"index": 1, "label": "Deutsch", "lang": "de"},
        ]
        assert stage.say("engine.audioTrack") == 0
        decoded = "document.querySelector('video').webkitAudioDecodedByteCount"
        heard = stage.page.evaluate(decoded)
        assert heard > 0
        assert not any("/a-de/" in path for _, path in stage.asked)
        stage.say("engine.selectAudioTrack(1)")
        wait_until_at(stage.page, 3.5)
        assert stage.say("engine.audioTrack") == 1
        assert any(path.endswith(".m4s") and "/a-de/" in path for _, path in stage.asked)
        assert stage.page.evaluate(decoded) > heard
        assert stage.say("bench.tracks") >= 2
        assert not stage.witness.errors


def test_subtitles_of_the_stream_are_offered_and_shown(browser, shelf):
    with stage_of(browser, shelf) as stage:
        stage.open()
        wait_until_at(stage.page, 0.5)
        assert stage.say("engine.textTracks") == [
            {"index": 0, "label": "English", "lang": "en"},
            {"index": 1, "label": "Deutsch", "lang": "de"},
        ]
        assert stage.say("engine.textTrack") == -1
        assert not any(path.endswith(".vtt") for _, path in stage.asked), "what nobody reads is not loaded"
        stage.say("engine.selectTextTrack(1)")
        stage.page.wait_for_function(
            "() => [...document.querySelector('video').textTracks].some((track) => track.mode === 'showing' &&"
            " [...(track.activeCues ?? [])].some((cue) => /^Deutsch \\d+$/.test(cue.text)))"
        )
        assert stage.say("engine.textTrack") == 1
        stage.say("engine.selectTextTrack(-1)")
        assert stage.say("engine.textTrack") == -1
        assert not stage.witness.errors


def test_a_chosen_quality_is_shown(browser, shelf):
    with stage_of(browser, shelf) as stage:
        stage.open()
        wait_until_at(stage.page, 0.5)
        levels = stage.say("engine.levels")
        assert [(level["index"], level["height"]) for level in levels] == [(0, 180), (1, 360), (2, 720)]
        stage.say("engine.select(0)")
        stage.page.wait_for_function("() => bench.engine.shown === 0")
        assert stage.say("engine.selected") == 0


def test_no_rendition_is_larger_than_the_player_needs(browser, shelf):
    """The element is 640 × 360 CSS pixels on a screen of one pixel each."""
    with stage_of(browser, shelf) as stage:
        stage.open()
        wait_until_at(stage.page, 4.0)
        assert stage.say("engine.cappedAt") == 1
        assert max(stage.heights_asked()) == 360


def test_who_saves_data_gets_no_more_than_480_lines_however_large_the_player_is(browser, shelf):
    large = "addEventListener('DOMContentLoaded', () => { document.querySelector('video').width = 1280; })"
    thrifty = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"
    with stage_of(browser, shelf, f"{large}; {thrifty}") as stage:
        stage.open()
        wait_until_at(stage.page, 4.0)
        assert stage.say("engine.cappedAt") == 1
        assert max(stage.heights_asked()) == 360


def test_a_busy_server_is_asked_again_when_it_said_and_for_the_same_segment(browser, shelf):
    refusals = 2

    def busy(route: Route, path: str) -> bool:
        found = VIDEO.search(path)
        if not found or int(found[2]) != 3 or sum(asked == path for _, asked in stage.asked) > refusals:
            return False
        route.fulfill(status=503, headers={"Retry-After": "2"})
        return True

    with stage_of(browser, shelf) as stage:
        stage.meddle = busy
        stage.open()
        wait_until_at(stage.page, 7.0)
        asked = [(at, path) for at, path in stage.asked if (found := VIDEO.search(path)) and int(found[2]) == 3]
        assert len({path for _, path in asked}) == 1, "no other rendition was tried"
        assert len(asked) == refusals + 1
        waits = [later[0] - earlier[0] for earlier, later in pairwise(asked)]
        assert all(2.0 <= wait < 3.5 for wait in waits)
        assert stage.say("bench.fatal") == []
        assert stage.say("bench.recovering") == []


def test_playing_goes_on_after_the_server_was_away(browser, shelf):
    """Longer than hls.js's own retries last; the engine starts loading again."""
    away = threading.Event()

    def outage(route: Route, path: str) -> bool:
        if not away.is_set() or not path.endswith(".m4s"):
            return False
        route.fulfill(status=500)
        return True

    with stage_of(browser, shelf) as stage:
        stage.meddle = outage
        stage.open()
        away.set()
        stage.page.wait_for_function("() => bench.recovering.length > 0", timeout=60_000)
        away.clear()
        wait_until_at(stage.page, 16.0, timeout_s=60)
        assert stage.say("bench.fatal") == []


def test_a_spoiled_segment_ends_neither_the_view_nor_its_speed(browser, shelf):
    fast = "addEventListener('play', ({ target }) => { target.playbackRate = 1.5; }, { capture: true, once: true })"
    spoiled: list[str] = []

    def spoil(route: Route, path: str) -> bool:
        found = VIDEO.search(path)
        if not found or int(found[2]) != 2 or spoiled:
            return False
        spoiled.append(path)
        content = bytearray((shelf / path.lstrip("/")).read_bytes())
        content[200:] = bytes(len(content) - 200)
        route.fulfill(body=bytes(content), content_type="video/mp4")
        return True

    with stage_of(browser, shelf, fast) as stage:
        stage.meddle = spoil
        stage.open()
        wait_until_at(stage.page, 8.0)
        assert spoiled
        assert stage.say("document.querySelector('video').playbackRate") == 1.5
        assert stage.say("bench.fatal") == []


def test_a_stream_that_is_not_there_is_said_at_once(browser, shelf):
    def gone(route: Route, path: str) -> bool:
        if not path.endswith("master.m3u8"):
            return False
        route.fulfill(status=404)
        return True

    with stage_of(browser, shelf) as stage:
        stage.meddle = gone
        stage.open()
        stage.page.wait_for_function("() => bench.fatal.length > 0")
        assert stage.say("bench.fatal[0].code") == "manifestLoadError"
        assert stage.say("bench.recovering") == []


def test_without_media_source_the_browser_plays_by_itself_and_loads_no_engine(browser, shelf):
    blind = "delete window.MediaSource; delete window.ManagedMediaSource; delete window.WebKitMediaSource"
    with stage_of(browser, shelf, blind) as stage:
        stage.open()
        assert stage.say("engine.name") == "native"
        wait_until_at(stage.page, 1.0)
        assert not any("hls_engine" in path for _, path in stage.asked)
