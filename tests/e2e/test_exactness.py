"""What the tracker says against what the screen showed: start-up, stalls, playing time and every edge.

The truth is looked at in the page, frame by frame (tests/e2e/viewer.py), and shares nothing with the tracker.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import viewer
from tests.e2e.browser import visitor
from tests.e2e.stand import SEGMENT_S, Made, Stand

pytestmark = [pytest.mark.e2e, pytest.mark.exact]

STALLS_MS = {2: 300, 4: 1000, 6: 2000, 8: 5000}  # by the first segment that is held
STALL_TOLERANCE_MS, STALL_TOLERANCE = 50.0, 0.015  # the larger counts
STARTUP_TOLERANCE_MS = 20.0
TOLERANCE_S, TOLERANCE = 0.25, 0.005  # playing time and edges: the larger counts
# When play was asked for, and the first picture that was presented after it.
FIRST_PICTURE = """
addEventListener('DOMContentLoaded', () => {
  const video = document.querySelector('video');
  video.addEventListener('play', () => {
    const askedMs = performance.now();
    video.requestVideoFrameCallback((_, { presentationTime }) => (window.startupMs = presentationTime - askedMs));
  }, { once: true });
});
"""


@pytest.fixture
def page(browser: Browser, stand: Stand) -> Iterator[Page]:
    with visitor(browser, width=800, height=600) as (page, _):
        viewer.install(page)
        page.add_init_script(FIRST_PICTURE)
        yield page
    stand.gate.hold_from(None)


@pytest.mark.timeout(120)
def test_stalls_start_up_playing_time_and_edges_are_what_the_screen_showed(page: Page, stand: Stand):
    made = Made()
    made.listen(page)
    held = [*STALLS_MS, None]
    stand.gate.hold_from(held[0])
    page.goto(stand.url("http://127.0.0.1:9/v1/views", "exact", hls="1"))  # nobody listens there
    page.wait_for_function("window.views && document.querySelector('video').readyState > 2")
    command(page, "play()")
    for segment, after in zip(STALLS_MS, held[1:], strict=True):
        viewer.wait_until_at(page, segment * SEGMENT_S - 0.5)
        viewer.wait_until_standing(page, STALLS_MS[segment])
        stand.gate.hold_from(after)
    viewer.wait_until_at(page, 17.0)
    command(page, "pause()")
    viewer.wait_until_standing(page, 700)
    command(page, "play()")
    viewer.wait_until_at(page, 18.5)
    stand.gate.hold_from(15)
    command(page, "currentTime = 30.5")
    viewer.wait_until_standing(page, 1200)  # a jump that has to wait is no stall
    stand.gate.hold_from(None)
    viewer.wait_until_at(page, 32.0)
    command(page, "playbackRate = 2")
    viewer.wait_until_at(page, 35.0)
    command(page, "pause()")
    page.evaluate("views.detach()")
    samples = page.evaluate("window.__samples")
    startup_ms = page.evaluate("window.startupMs")

    played = {kind: [event for event in made.events if event["type"] == kind] for kind in ("play", "playing", "stall")}
    print(*made.events, *viewer.runs(samples), sep="\n")  # shown with a failure
    told_startup_ms = played["playing"][0]["t_ms"] - played["play"][0]["t_ms"]
    assert told_startup_ms == pytest.approx(startup_ms, abs=STARTUP_TOLERANCE_MS)
    check_stalls(played["stall"], viewer.standstills(samples, longer_than_ms=250))
    check_intervals([event for event in made.events if event["type"] == "interval"], viewer.runs(samples))


def command(page: Page, words: str) -> None:
    page.evaluate(f"void (document.querySelector('video').{words})")


def check_stalls(told: list[dict[str, Any]], seen: list[viewer.Standstill]) -> None:
    assert len(seen) == len(STALLS_MS), "as many as were made"
    assert len(told) == len(seen)
    for stall, standstill in zip(told, seen, strict=True):
        assert stall["position_s"] == pytest.approx(standstill.at_s, abs=0.05)
        assert stall["wait_ms"] == pytest.approx(standstill.ms, abs=STALL_TOLERANCE_MS, rel=STALL_TOLERANCE)
        assert stall["cause"] == "network"


def check_intervals(intervals: list[dict[str, Any]], runs: list[viewer.Run]) -> None:
    told_s, seen_s = sum(each["wall_ms"] for each in intervals) / 1000, sum(run.wall_ms for run in runs) / 1000
    assert told_s == pytest.approx(seen_s, abs=TOLERANCE_S, rel=TOLERANCE)
    shown = [edge for run in runs for edge in (run.from_s, run.to_s)]
    for interval in intervals:
        for edge in (interval["from_s"], interval["to_s"]):
            assert any(from_s - TOLERANCE_S <= edge <= to_s + TOLERANCE_S for from_s, to_s in pairs(shown))
    for edge in shown:
        assert any(abs(edge - told) <= TOLERANCE_S for each in intervals for told in (each["from_s"], each["to_s"]))


def pairs(edges: list[float]) -> list[tuple[float, float]]:
    return list(zip(edges[::2], edges[1::2], strict=True))
