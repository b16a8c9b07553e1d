"""The open page hears by itself: a hot section, who watches, how far an encode is, a further master. No reload."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocket, expect
from websockets.sync.client import connect

from tests.e2e.browser import visitor
from tests.e2e.house import House
from tests.e2e.material import publish_clip
from tests.e2e.streams import make_many_tracks, master_of
from tests.e2e.viewer import position_s, wait_until_at
from tests.messages import wire
from tests.support import until
from viewbox.catalog import Catalog, Video
from viewbox.database import open_database
from viewbox.ids import new_view_id
from viewbox.settings import Settings
from viewbox.testing import Audience
from viewbox.testing.clip import mp4_duration_s, sample_clip
from viewbox.testing.delivery import over_websocket

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-main")]

LIVE = re.compile(r"/v1/live/[^/]+$")
HOT_S = (4.0, 8.0)  # what the person in one window watches three times
SEEN_WITHIN_S = 20.0  # interval → lake → tables → push → picture; 2 to 14 s were seen on a crowded machine


@dataclass
class Line:
    """What a page heard on its live socket, and whether it asked the API all the same."""

    heard: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def tap(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._listen(socket) if LIVE.search(socket.url) else None)
        page.on("request", lambda request: self.asked.append(request.url))

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.heard.append(json.loads(frame)))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["type"] == kind]

    def asked_for(self, video_id: str) -> int:
        return sum(url.endswith(f"/v1/videos/{video_id}") for url in self.asked)


def catalog_of(house: House) -> Catalog:
    return Catalog(open_database(Settings(data_dir=house.data_dir).database))


def mark(page: Page) -> None:
    """Leave something on the page that a reload would take away."""
    page.evaluate("window.notReloaded = true; document.querySelector('video')?.setAttribute('data-same', '1')")


def assert_not_reloaded(page: Page) -> None:
    assert page.evaluate("window.notReloaded") is True


@pytest.fixture(scope="module")
def calm(house: House) -> str:
    """A video that a dozen people watched from beginning to end, once."""
    video_id = publish_clip(house, "Nothing happens twice", sample_clip())
    audience = Audience(8, video_id, mp4_duration_s(sample_clip()), 12, time.time_ns() // 10**6, 1, [], synthetic=False)
    over_websocket(f"ws://127.0.0.1:{house.port}/v1/views", audience.views())
    house.viewbox("rollup")
    return video_id


@pytest.mark.timeout(120)
def test_what_one_window_watches_again_is_hot_on_the_others_scrubber(browser, house, calm):
    line = Line()
    with visitor(browser) as (viewer, _), visitor(browser) as (onlooker, witness):
        line.tap(onlooker)
        onlooker.goto(f"{house.site}/watch/{calm}?notrack=1")
        until_heard(onlooker, lambda: line.of("live"))
        assert set(line.of("live")[-1]["heat"]) == {0}
        expect(onlooker.locator(".vb-heat")).to_have_count(0)
        mark(onlooker)

        viewer.goto(f"{house.site}/watch/{calm}?t={HOT_S[0]:.0f}")
        viewer.get_by_role("button", name="Play", exact=True).first.click()
        for _ in range(3):
            wait_until_at(viewer, HOT_S[1])
            viewer.get_by_role("region", name=re.compile("^Video: ")).focus()
            viewer.keyboard.press("ArrowLeft")
            viewer.wait_for_function("(s) => document.querySelector('video').currentTime < s", arg=HOT_S[1] - 1)
        done = time.monotonic()
        expect(onlooker.locator(".vb-heat")).to_be_attached(timeout=SEEN_WITHIN_S * 1000)
        took_s = time.monotonic() - done
        assert took_s < SEEN_WITHIN_S
        heat = line.of("live")[-1]["heat"]
        hottest_s = (heat.index(max(heat)) + 0.5) / 100 * mp4_duration_s(sample_clip())
        assert HOT_S[0] - 2 < hottest_s < HOT_S[1] + 1
        assert_not_reloaded(onlooker)
        assert line.asked_for(calm) <= 2
        assert witness.errors == []


def test_who_watches_now_is_told_from_three_on_and_not_in_frames_elsewhere(browser, house, calm):
    with visitor(browser) as (page, _), visitor(browser) as (frame, _):
        page.goto(f"{house.site}/watch/{calm}?notrack=1")
        frame.goto(f"{house.site}/embed/{calm}?notrack=1")
        mark(page)
        began_ms = time.time_ns() // 10**6 - 60_000
        with connect(f"ws://127.0.0.1:{house.port}/v1/views", compression=None, proxy=None) as socket:
            for viewer in range(3):
                beat = {"seq": 0, "type": "heartbeat", "t_ms": 60_000, "position_s": 60.0}
                fields: dict[str, Any] = {"view_id": new_view_id(began_ms), "viewer_id": f"viewer-{viewer}"}
                fields |= {"video_id": calm, "started_at_ms": began_ms, "sent_at_ms": began_ms + 60_000}
                socket.send(wire(beat, **fields).decode())
                assert "ack" in json.loads(socket.recv(timeout=5))
        expect(page.get_by_text("3 watching")).to_be_attached(timeout=6000)
        assert_not_reloaded(page)
        assert frame.get_by_text("watching").count() == 0

        house.api(f"/v1/videos/{calm}", method="PATCH", body={"metadata": {"hide_viewers": True}})
        line = Line()
        line.tap(page)
        page.reload()
        until_heard(page, lambda: len(line.of("live")) >= 2)  # the first one has been shown by then
        assert line.of("live")[0]["viewers_now"] == 3
        assert page.get_by_text("watching").count() == 0


@pytest.mark.timeout(150)
def test_a_real_encode_tells_how_far_it_is_and_plays_when_it_can(browser, files, house):
    line = Line()
    with visitor(browser) as (page, witness):
        line.tap(page)
        video_id = house.api("/v1/videos", method="POST", body={"url": files.url("clip.mp4")})["id"]
        page.goto(f"{house.site}/watch/{video_id}?notrack=1")
        until_heard(page, lambda: line.of("progress"))
        mark(page)
        expect(page.get_by_role("button", name="Play", exact=True).first).to_be_visible(timeout=90_000)
        until_heard(page, lambda: line.of("progress")[-1]["status"] == "ready")
        told = line.of("progress")
        rungs = [rung["progress"] for message in told for rung in message["renditions"]]
        assert len({round(share, 3) for share in rungs}) >= 3, "each rendition moved on"
        assert [message["progress"] for message in told] == sorted(message["progress"] for message in told)
        assert told[-1]["progress"] == 1
        until_heard(page, lambda: line.of("master")[-1]["version"] == 2)  # the quick lane's, then the ladder's
        assert line.of("master") == [
            {"type": "master", "version": version, "url": f"/media/{video_id}/master.m3u8"} for version in (1, 2)
        ]
        assert_not_reloaded(page)
        steps = len({(message["status"], message["playable"]) for message in told})
        assert line.asked_for(video_id) <= steps + 3, "pushes take the place of polling"
        assert witness.errors == []


def test_without_the_socket_the_page_asks_as_before(browser, house):
    catalog = catalog_of(house)
    video = catalog.add(title="Behind a wall", source_kind="upload")
    catalog.report(video.id, status="encoding", progress=0.1)
    with visitor(browser) as (page, _):
        page.route_web_socket(LIVE, lambda socket: socket.close())
        page.goto(f"{house.site}/watch/{video.id}?notrack=1")
        whole = page.get_by_role("progressbar", name="Whole video")
        expect(whole).to_have_attribute("value", "0.1")
        catalog.report(video.id, status="encoding", progress=0.7)
        expect(whole).to_have_attribute("value", "0.7", timeout=5000)


@pytest.mark.timeout(120)
def test_an_open_player_goes_on_with_a_further_master(browser, house):
    catalog = catalog_of(house)
    video = catalog.add(title="More to come", source_kind="upload")
    folder = Settings(data_dir=house.data_dir).media_dir / video.id
    make_many_tracks(folder / "r1", seconds=80, heights=(180, 360))
    publish_master(house, video, (180,), ready=False)
    line = Line()
    with visitor(browser) as (page, witness):
        line.tap(page)
        page.goto(f"{house.site}/watch/{video.id}?notrack=1")
        page.get_by_role("button", name="Play", exact=True).first.click()
        wait_until_at(page, 2.0)
        mark(page)
        before = page.evaluate("document.querySelector('video').src")
        publish_master(house, video, (180, 360), ready=True)
        until_heard(page, lambda: [master["version"] for master in line.of("master")] == [1, 2])
        until_heard(page, lambda: any("/v360/" in url and url.endswith(".m4s") for url in line.asked))
        assert page.evaluate("document.querySelector('video').dataset.same") == "1"
        assert page.evaluate("document.querySelector('video').src") == before
        here = position_s(page)
        wait_until_at(page, here + 1)
        assert_not_reloaded(page)
        assert witness.errors == []


def publish_master(house: House, video: Video, heights: tuple[int, ...], *, ready: bool) -> None:
    """As the transcoder leaves it: the file first, then the catalog."""
    master = re.sub(r'(URI="|^)(?=[vat][-\d])', r"\1r1/", master_of(heights), flags=re.MULTILINE)
    place = Settings(data_dir=house.data_dir).media_dir / video.id / "master.m3u8"
    beside = place.with_suffix(".new")
    beside.write_text(master, encoding="utf-8")
    beside.replace(place)
    assets = {"hls": f"{video.id}/master.m3u8"}
    catalog_of(house).publish(video.id, revision=1, duration_s=80.0, assets=assets, ready=ready)


def until_heard(page: Page, fact: Any) -> None:
    """Wait for something that the page's sockets bring; Playwright hears them only while it is asked for something."""

    def look() -> Any:
        page.evaluate("1")
        return fact()

    until(look, timeout_s=60, what="the page hears it")
