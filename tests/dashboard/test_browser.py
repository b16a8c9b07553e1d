"""The dashboard in a real Chromium, beside a real API: the component, live numbers, and who is asked for what."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.dashboard.conftest import roll_up
from tests.e2e.browser import Witness, visitor
from tests.e2e.house import House, started
from tests.media import ffmpeg
from tests.support import until
from viewbox.catalog import Catalog
from viewbox.clock import SYSTEM_CLOCK
from viewbox.database import open_database
from viewbox.settings import Settings
from viewbox.testing import Audience, parse_effect
from viewbox.testing.delivery import through_intake

pytestmark = pytest.mark.e2e
VIDEO, DURATION_S = "clip", 40.0
PANEL = Path(__file__).parents[2] / "player" / "dist" / "assets" / "panel.js"
PATIENCE_MS = 60_000  # a cold dashboard on two busy cores
Visit = tuple[Page, Witness]
FIND_VIDEO = """() => {
  const search = (root) => {
    for (const element of root.querySelectorAll("*")) {
      const found = element.tagName === "VIDEO" ? element : element.shadowRoot && search(element.shadowRoot);
      if (found) return found;
    }
  };
  return search(document);
}"""


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    """API and dashboard over one clip, which 12 viewers saw, all of whom jumped 0 → 13."""
    assert PANEL.exists(), "the player is not built: `make setup`"
    folder: Path = tmp_path_factory.mktemp("house")
    settings = Settings(data_dir=folder, _env_file=None)
    catalog = Catalog(open_database(settings.database))
    catalog.add(title="A clip", source_kind="upload", video_id=VIDEO)
    encode(settings.media_dir / VIDEO / "r1")
    assets = {"hls": f"{VIDEO}/r1/master.m3u8"}
    catalog.publish(VIDEO, revision=1, duration_s=DURATION_S, assets=assets, ready=True)
    through_intake(settings, catalog, audience(1, 12, "skip=1,0,13").views())
    roll_up(settings)
    with started(House(folder), "serve", "dashboard") as running:
        yield running


@pytest.fixture
def visit(browser) -> Iterator[Visit]:
    with visitor(browser, height=1600) as (page, witness):
        page.set_default_timeout(PATIENCE_MS)
        yield page, witness


def audience(seed: int, count: int, effect: str) -> Audience:
    return Audience(seed, VIDEO, DURATION_S, count, SYSTEM_CLOCK.now_ms(), 0.2, [parse_effect(effect)], synthetic=False)


def encode(folder: Path) -> None:
    """A small HLS clip."""
    folder.mkdir(parents=True)
    picture = ("-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=12:duration={DURATION_S}")
    coding = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "24")
    ffmpeg(*picture, *coding, "-hls_time", "4", "-hls_playlist_type", "vod", folder / "master.m3u8")


def video_page(house: House) -> str:
    return f"{house.dashboard}/video?video={VIDEO}"


def surface(page: Page) -> tuple[float, float, float]:
    """Where the strips' surface lies: left, a line within the upper curve, width."""
    found = page.locator(".vb-strips-surface")
    found.wait_for()
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    assert box
    return box["x"], box["y"] + 30, box["width"]


def media(page: Page) -> Any:
    """The video element inside the component, with enough loaded to seek."""
    page.locator("video").first.wait_for(state="attached")
    video = page.evaluate_handle(FIND_VIDEO)
    page.wait_for_function("video => video && video.readyState >= 1", arg=video)
    return video


def test_the_panel_follows_a_switch_to_dark_while_it_is_open(house, visit):
    page, _ = visit
    page.emulate_media(color_scheme="light")
    page.goto(video_page(house))
    page.locator(".vb-panel[data-theme=light]").wait_for()
    page.emulate_media(color_scheme="dark")
    page.locator(".vb-panel[data-theme=dark]").wait_for()


def test_a_click_on_the_strips_seeks_and_runs_no_script(house, visit):
    page, _ = visit
    runs: list[BackMsg] = []

    def note(frame: bytes) -> None:
        message = BackMsg.FromString(frame)
        if not message.rerun_script.is_auto_rerun:  # the page's own refresh goes on
            runs.append(message)

    page.on("websocket", lambda socket: socket.on("framesent", note))
    page.goto(video_page(house))
    left, line, width = surface(page)
    video = media(page)
    before = len(runs)
    page.mouse.click(left + width / 2, line)
    page.wait_for_function("video => Math.abs(video.currentTime - 20) < 0.5", arg=video)
    until(lambda: page.locator(".vb-strips-cursor").evaluate("line => line.style.left").startswith("50"))
    assert len(runs) == before


def test_a_brush_loops_a_stretch_and_python_tells_its_facts(house, visit):
    page, _ = visit
    page.goto(video_page(house))
    left, line, width = surface(page)
    video = media(page)
    page.mouse.move(left + width * 0.25, line)
    page.mouse.down()
    page.mouse.move(left + width * 0.5, line, steps=5)
    page.mouse.up()
    facts = page.locator(".st-key-selection_facts")
    facts.wait_for()
    assert "0:10–0:20" in facts.inner_text()
    assert "12 views reach it" in facts.inner_text()
    assert video.evaluate("video => video.isConnected && video.currentTime >= 9.9")
    page.locator(".vb-panel-chip").click()
    facts.wait_for(state="detached")


def test_the_first_sentence_names_the_skipped_intro(house, visit):
    page, _ = visit
    page.goto(video_page(house))
    page.get_by_text("100\u202f% skip 0:00–0:13.").wait_for()


def test_a_view_changes_the_open_page_within_eight_seconds(house, visit):
    page, _ = visit
    page.goto(video_page(house))
    page.get_by_test_id("stMetricValue").first.wait_for()
    views = page.get_by_test_id("stMetricValue").first
    assert views.inner_text() == "12"
    page.evaluate("window.unreloaded = true")
    video = media(page)
    send_view(house)
    until(lambda: page.get_by_test_id("stMetricValue").first.inner_text() == "13", timeout_s=8)
    assert page.evaluate("window.unreloaded")
    assert video.evaluate("video => video.isConnected"), "the player was rebuilt"


def test_the_embedded_player_never_tracks(house, visit):
    page, _ = visit
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.goto(video_page(house))
    surface(page)
    video = media(page)
    video.evaluate("video => { video.muted = true; return video.play(); }")
    page.wait_for_function("video => video.currentTime > 1", arg=video)
    assert not [url for url in asked if "/v1/views" in url]


@pytest.mark.parametrize("path", ["/", "/video", "/sql"])
def test_no_page_asks_another_host(house, visit, path):
    page, witness = visit
    page.goto(house.dashboard + path)
    page.locator("h1").wait_for()
    page.wait_for_load_state("networkidle")
    assert witness.hosts <= {urlsplit(url).netloc for url in (house.site, house.dashboard)}


def test_without_the_api_the_panel_says_so_and_the_numbers_stand(house, visit):
    page, _ = visit
    page.route(f"{house.site}/**", lambda route: route.abort())
    page.goto(video_page(house))
    page.get_by_text("Player and curves are offline").wait_for()
    page.get_by_test_id("stMetricValue").nth(5).wait_for()
    page.unroute(f"{house.site}/**")
    page.get_by_role("button", name="Try again").click()
    surface(page)


def send_view(house: House) -> None:
    """One view, played for five seconds and left, through the API's door."""
    (view,) = audience(9, 1, "leave=1,5").views()
    body = json.dumps({"messages": view.messages(sent_at_ms=SYSTEM_CLOCK.now_ms())}).encode()
    headers = {"Content-Type": "text/plain", "User-Agent": view.device.user_agent}  # urllib's own is a bot's
    request = urllib.request.Request(f"{house.site}/v1/views", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
