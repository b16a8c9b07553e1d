"""A video is watched while it is still made: at once, at a place that is not there yet, and on into its ladder."""

from __future__ import annotations

import re

import pytest

from tests.e2e.browser import visitor
from tests.e2e.material import run_ffmpeg
from tests.support import until

pytestmark = pytest.mark.e2e

SECONDS = 30
AHEAD_S = 24.0  # far from what the quick lane has when the page asks
SEGMENT = re.compile(r"/r1/([a-z0-9]+)/(\d+)\.m4s$")
PAINTED = "(s) => { const v = document.querySelector('video'); return v && v.readyState >= 2 && v.currentTime >= s; }"


@pytest.mark.timeout(170)
def test_a_video_is_watched_while_it_is_made(browser, files, house):
    clip = files.folder / "other.mkv"
    looped = ["-stream_loop", "-1", "-i", str(files.folder / "short-clip.mp4"), "-t", str(SECONDS)]
    run_ffmpeg(*looped, "-c:v", "mpeg4", "-b:v", "2M", "-c:a", "copy", str(clip))
    with visitor(browser) as (page, witness):
        asked: list[tuple[str, int]] = []
        answers: dict[str, int] = {}

        def note(url: str) -> None:
            match = SEGMENT.search(url)
            if match:
                asked.append((match[1], int(match[2])))

        page.on("request", lambda request: note(request.url))
        page.on("response", lambda response: answers.__setitem__(response.url, response.status))
        video = house.api("/v1/videos", method="POST", body={"url": files.url("other.mkv"), "title": "made meanwhile"})
        page.goto(f"{house.site}/watch/{video['id']}?notrack=1")
        page.wait_for_function(PAINTED, arg=0.0)
        begun = house.api(f"/v1/videos/{video['id']}")
        assert (begun["status"], begun["playable"]) == ("encoding", True)
        assert begun["duration_s"] == pytest.approx(SECONDS, abs=0.2), "all of its length is known at once"
        assert {track for track, _ in asked} == {"fast", "audio"}

        page.evaluate(f"document.querySelector('video').currentTime = {AHEAD_S}")
        page.evaluate("document.querySelector('video').play()")
        page.wait_for_function(PAINTED, arg=AHEAD_S + 1)
        assert page.evaluate("document.querySelector('video').duration") == pytest.approx(SECONDS, abs=0.3)
        page.evaluate("document.querySelector('video').pause()")

        until(lambda: house.api(f"/v1/videos/{video['id']}")["status"] == "ready", timeout_s=120, what="it is whole")
        page.evaluate("document.querySelector('video').currentTime = 6")

        def asks_for_the_ladder() -> bool:
            page.wait_for_timeout(50)  # the page is heard only while it is waited for
            return any(track.endswith("p") for track, _ in asked)

        until(asks_for_the_ladder, timeout_s=30, what="the page goes on with the ladder")
        page.evaluate("document.querySelector('video').play()")
        page.wait_for_function(PAINTED, arg=7.0)
        segments = {url: status for url, status in answers.items() if url.endswith(".m4s")}
        assert set(segments.values()) <= {200, 206}, "nothing was missing, only awaited"
        assert not witness.errors
