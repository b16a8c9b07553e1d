"""The panel: player and curves share one time axis, and moving on it never runs the dashboard's script."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, WebSocket, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.e2e.browser import visitor
from tests.support import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-main")]
SEEK_DEADLINE_MS = 500


@dataclass
class Reruns:
    """Every time the page asked for its whole script. A fragment that looks at the clock by itself is none."""

    asked: list[BackMsg] = field(default_factory=list)

    def tap(self, page: Page) -> None:
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        if socket.url.endswith("/_stcore/stream"):
            socket.on("framesent", self._hear)

    def _hear(self, frame: str | bytes) -> None:
        message = BackMsg()
        message.ParseFromString(frame if isinstance(frame, bytes) else frame.encode("latin-1"))
        if message.WhichOneof("type") == "rerun_script" and not message.rerun_script.is_auto_rerun:
            self.asked.append(message)


@pytest.fixture
def panel(browser, house, watched):
    """The open panel and what the page asked of its server."""
    reruns = Reruns()
    with visitor(browser) as (page, _):
        reruns.tap(page)
        page.goto(f"{house.dashboard}/video?video={watched}")
        expect(timeline(page)).to_be_visible()
        expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
        page.wait_for_function("(video) => video.readyState >= 1", arg=page.locator("video").element_handle())
        reruns.asked.clear()
        yield page, reruns


def timeline(page: Page):
    return page.get_by_role("slider", name=re.compile("^Timeline"))


def playhead_s(page: Page) -> float:
    position: float = page.locator("video").evaluate("(video) => video.currentTime")
    return position


def duration_s(page: Page) -> float:
    length: float = page.locator("video").evaluate("(video) => video.duration")
    return length


def cursor_s(page: Page) -> float:
    """Where the line over the curves stands, in seconds of the video."""
    share: float = page.locator(".vb-strips-cursor").evaluate("(line) => parseFloat(line.style.left) / 100")
    return share * duration_s(page)


def click_at(page: Page, share: float) -> None:
    timeline(page).scroll_into_view_if_needed()
    box = timeline(page).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)


# Notes when the pointer goes down anywhere and when the video begins to seek, on one clock.
STOPWATCH = """(video) => {
  const times = {};
  addEventListener('pointerdown', () => { times.down ??= performance.now(); }, { capture: true });
  video.addEventListener('seeking', () => { times.seeking ??= performance.now(); });
  return times;
}"""


PLAYED_TO = "([video, goal]) => video.currentTime >= goal"


@pytest.mark.parametrize("share", [0.25, 0.8])
def test_a_click_on_the_curves_seeks_the_player_without_a_rerun(panel, share):
    page, reruns = panel
    goal_s = share * duration_s(page)
    times = page.locator("video").evaluate_handle(STOPWATCH)
    click_at(page, share)
    until(lambda: abs(playhead_s(page) - goal_s) < 0.5, timeout_s=5, what="the player is where the click was")
    # The playhead is where it was sent at once; that it was sent is told by an event a moment later.
    until(lambda: "seeking" in times.json_value(), timeout_s=5, what="the seek is told")
    measured = times.json_value()
    assert measured["seeking"] - measured["down"] <= SEEK_DEADLINE_MS
    assert cursor_s(page) == pytest.approx(playhead_s(page), abs=0.5)
    assert reruns.asked == []


def test_the_line_follows_the_player(panel):
    page, reruns = panel
    page.locator("video").evaluate("(video) => { video.muted = true; return video.play(); }")
    for goal_s in (0.7, 1.5, 2.5):
        page.wait_for_function(PLAYED_TO, arg=[page.locator("video").element_handle(), goal_s])
        assert cursor_s(page) == pytest.approx(playhead_s(page), abs=0.5)
    assert reruns.asked == []


def test_a_brushed_stretch_reaches_python_once_and_is_looped(panel):
    page, reruns = panel
    timeline(page).scroll_into_view_if_needed()
    box = timeline(page).bounding_box()
    assert box is not None
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, height)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.55, height, steps=4)
    page.mouse.move(box["x"] + box["width"] * 0.6, height, steps=4)
    page.mouse.up()
    expect(page.get_by_text(re.compile("of views watch it"))).to_be_visible()
    assert len(reruns.asked) == 1
    assert 0.5 * duration_s(page) - 0.5 <= playhead_s(page) <= 0.6 * duration_s(page) + 0.5
