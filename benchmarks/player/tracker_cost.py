"""What a tracker costs the page: script when it starts, and script per second while it watches."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from playwright.sync_api import Browser

from benchmarks.player.browser import visit
from benchmarks.player.server import Host

TRACKERS = {"unwatched": "no tracker", "ours_tracker": "ViewBox", "mux_tracker": "mux-embed"}
WATCHED_S = 10
SETTLED_S = 3.0  # the playhead from which on is measured: start-up is over, the buffer is filling evenly


@dataclass(frozen=True)
class Cost:
    """Script on the slowed-down CPU."""

    start_ms: float
    settled_ms: float  # the start and the second after it, in which what was put off is done
    playing_ms_per_s: float


def cost_of(browser: Browser, host: Host, page_name: str) -> Cost:
    with visit(browser) as opened:
        page = opened.page
        opened.slow_down()
        page.goto(f"{host.origin}/{page_name}/{page_name}.html")
        page.wait_for_function("() => document.querySelector('video').readyState === 4")
        page.wait_for_timeout(1000)  # hls.js fills its buffer; it would be taken for the tracker's work
        before = opened.metric("ScriptDuration")
        page.evaluate("() => window.startTracker()")
        start_ms = (opened.metric("ScriptDuration") - before) * 1000
        page.wait_for_timeout(1000)
        settled_ms = (opened.metric("ScriptDuration") - before) * 1000
        page.evaluate("() => document.querySelector('video').play()")
        page.wait_for_function("(goal) => document.querySelector('video').currentTime >= goal", arg=SETTLED_S)
        before, began = opened.metric("ScriptDuration"), opened.metric("Timestamp")
        page.wait_for_timeout(WATCHED_S * 1000)
        script_ms = (opened.metric("ScriptDuration") - before) * 1000
        return Cost(start_ms, settled_ms, script_ms / (opened.metric("Timestamp") - began))


def median_of(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(each.start_ms for each in costs),
        statistics.median(each.settled_ms for each in costs),
        statistics.median(each.playing_ms_per_s for each in costs),
    )
