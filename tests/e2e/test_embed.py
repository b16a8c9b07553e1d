"""The player in a frame of somebody else's page: what docs/how-to/embed.md promises, with its own examples."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.e2e.browser import visitor
from tests.support import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-main")]

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "embed.md"
HEAD = "<meta charset='utf-8'><title>A shop</title><link rel='icon' href='data:,'>"
PAGE = f"<!doctype html><html lang='en'>{HEAD}<body>{{}}</body></html>"
LISTENER = "<script>window.heard = []; addEventListener('message', ({ data }) => heard.push(data));</script>"


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Tests speak for themselves."""


class Shop:
    """Pages of another site: `localhost` is a stranger to `127.0.0.1`."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port

    def page(self, body: str) -> str:
        """The address of a page with this body."""
        name = f"{len(list(self._folder.iterdir()))}.html"
        (self._folder / name).write_text(PAGE.format(body), encoding="utf-8")
        return f"http://localhost:{self._port}/{name}"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Shop(folder, server.server_port)
    finally:
        server.shutdown()
        server.server_close()


def examples(site: str, video_id: str) -> list[str]:
    blocks = re.findall(r"```html\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return [block.replace("https://video.example.org", site).replace("VIDEO_ID", video_id) for block in blocks]


def framed(house: Any, video_id: str, query: str = "") -> str:
    return (
        f"{LISTENER}<iframe id='film' src='{house.site}/embed/{video_id}{query}' title='A watched video' width='800'"
        " height='450' allow='autoplay'></iframe>"
    )


def heard(page: Page, event: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("(event) => heard.filter((each) => each.event === event)", event)
    return found


def first(page: Page, event: str, **facts: Any) -> dict[str, Any]:
    """The first such event, once it has come."""

    def match() -> dict[str, Any] | None:
        return next((each for each in heard(page, event) if facts.items() <= each.items()), None)

    found = until(match, what=f"the page hears {event} {facts}")
    assert found is not None
    return found


def tell(page: Page, **message: Any) -> None:
    page.evaluate("(message) => film.contentWindow.postMessage(message, '*')", {"viewbox": 1, **message})


def video(frame: FrameLocator, expression: str) -> Any:
    return frame.locator("video").evaluate(f"(video) => {expression}")


def test_the_example_without_a_script_plays(browser, house, watched, shop):
    plain, _ = examples(house.site, watched)
    assert "<script" not in plain
    with visitor(browser) as (page, witness):
        page.goto(shop.page(plain))
        frame = page.frame_locator("iframe")
        frame.get_by_role("button", name="Play", exact=True).first.click()
        until(lambda: video(frame, "video.currentTime") > 0.3, what="it plays")
        assert witness.errors == []


def test_the_example_with_a_script_commands_and_hears(browser, house, watched, shop):
    _, scripted = examples(house.site, watched)
    with visitor(browser) as (page, witness):
        page.goto(shop.page(scripted))
        expect(page.locator("#heard")).to_contain_text("ready")
        page.get_by_role("button", name="Show the highlight").click()
        expect(page.locator("#heard")).to_contain_text(re.compile("play .*time"))
        frame = page.frame_locator("#film")
        assert video(frame, "video.currentTime") >= 2
        assert video(frame, "video.muted") is True
        assert witness.errors == []


def test_every_command_does_what_it_says_and_every_event_tells_it(browser, house, watched, shop):
    with visitor(browser) as (page, _):
        page.goto(shop.page(framed(house, watched)))
        ready = first(page, "ready")
        assert (ready["viewbox"], ready["videoId"], ready["title"]) == (1, watched, "A watched video")
        assert ready["durationS"] == pytest.approx(video_duration(house, watched))
        frame = page.frame_locator("#film")
        tell(page, command="mute", muted=True)
        tell(page, command="play")
        first(page, "play")
        until(lambda: len(heard(page, "time")) >= 2, what="the time goes on")
        tell(page, command="setRate", rate=2)
        until(lambda: video(frame, "video.playbackRate") == 2, what="the rate is set")
        tell(page, command="pause")
        assert first(page, "pause")["positionS"] > 0
        tell(page, command="seek", toS=20)
        until(lambda: heard(page, "time")[-1]["positionS"] == 20, what="the jump is told")
        tell(page, command="loop", fromS=5, toS=5.5)
        until(lambda: sum(each["positionS"] < 5.3 for each in heard(page, "time")[-8:]) >= 2, what="it goes round")
        tell(page, command="loop", fromS=None)
        tell(page, command="seek", toS=10**9)
        ended = first(page, "ended")
        assert ended["positionS"] == pytest.approx(ended["durationS"], abs=0.5)
        tell(page, command="hello")
        until(lambda: len(heard(page, "ready")) == 2, what="it answers hello")
        assert heard(page, "error") == []
        assert {key for each in page.evaluate("heard") for key in each} <= {
            "viewbox", "event", "videoId", "title", "durationS", "positionS", "code", "hint",
        }  # fmt: skip


def video_duration(house: Any, video_id: str) -> float:
    duration: float = house.api(f"/v1/videos/{video_id}")["duration_s"]
    return duration


def test_what_cannot_be_meant_is_refused_and_other_scripts_are_left_alone(browser, house, watched, shop):
    with visitor(browser) as (page, _):
        page.goto(shop.page(framed(house, watched)))
        first(page, "ready")
        page.evaluate(
            """() => {
              const post = (message) => film.contentWindow.postMessage(message, '*');
              post('a string'); post(null); post({ type: 'webpack' }); post([1, 2]);
              post({ viewbox: 2, command: 'play' });
              post({ viewbox: 1, command: 'format' });
              post({ viewbox: 1, command: 'setRate', rate: 1e9 });
              post({ viewbox: 1, command: 'seek', toS: NaN });
              post({ viewbox: 1, command: 'loop', fromS: 9, toS: 3 });
              post({ viewbox: 1, command: 'play', a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 });
            }"""
        )
        until(lambda: len(heard(page, "error")) == 6, what="six refusals")
        assert [each["code"] for each in heard(page, "error")] == [
            "unknown_version", "unknown_command", "bad_argument", "bad_argument", "bad_argument", "bad_message",
        ]  # fmt: skip
        assert heard(page, "play") == []
        page.evaluate("for (let i = 0; i < 500; i++) film.contentWindow.postMessage({ viewbox: 1, command: 'x' }, '*')")
        first(page, "error", code="too_many_commands")
        page.evaluate("film.contentWindow.postMessage({ viewbox: 1, command: 'hello' }, '*')")
        assert len(heard(page, "error")) <= 6 + 21
        assert len(heard(page, "ready")) == 1


def test_only_the_page_directly_around_is_heard(browser, house, watched, shop):
    inner = shop.page(framed(house, watched))
    with visitor(browser) as (page, _):
        page.goto(shop.page(f"{LISTENER}<iframe id='middle' src='{inner}' width='900' height='500'></iframe>"))
        body = page.frame_locator("#middle").locator("body")
        until(lambda: body.evaluate("() => heard.length === 1"), what="the page between hears `ready`")
        page.evaluate("middle.contentWindow.frames[0].postMessage({ viewbox: 1, command: 'play' }, '*')")
        body.evaluate("() => film.contentWindow.postMessage({ viewbox: 1, command: 'nonsense' }, '*')")
        until(lambda: body.evaluate("() => heard.length === 2"), what="the page between is heard")
        assert body.evaluate("() => heard.map(({ event }) => event)") == ["ready", "error"]
        assert page.evaluate("heard") == []


def test_a_video_that_is_not_there_is_told(browser, house, shop):
    with visitor(browser) as (page, _):
        page.goto(shop.page(framed(house, "2222222222222222222z")))
        first(page, "error", code="video_not_found")
