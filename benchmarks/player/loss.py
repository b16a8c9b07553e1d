"""What a person did and nobody hears of: one page with both trackers, left in four ways, then visited once more.

What was done is the script's own list, the same for both. The next visit plays nothing; it only gives a tracker the
chance to send what the last one left.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import Error as PlaywrightError

from benchmarks.player.browser import PATIENCE_MS
from benchmarks.player.server import Delivery, Host, messages_of
from benchmarks.process import BenchmarkFailed

PAGE = "both_trackers"
ROUNDS = 3  # play, pause and a jump each
DONE = Counter({"play": ROUNDS, "pause": ROUNDS, "seek": ROUNDS})
# Their names in mux-embed's beacons.
MUX_NAMES = {"play": "play", "pause": "pause", "seeking": "seek"}
SETTLE_MS = 700  # jumps closer together than half a second would be one
ARRIVAL_MS = 2500


@dataclass(frozen=True)
class Lost:
    """How many of the things done were never heard of."""

    ours: int
    mux: int


def _close(page: Page) -> None:
    page.close(run_before_unload=True)


def _navigate(page: Page) -> None:
    page.goto("about:blank")


def _crash(page: Page) -> None:
    line = page.context.new_cdp_session(page)
    with page.expect_event("crash"), suppress(PlaywrightError):  # nobody is left to answer
        line.send("Page.crash", timeout=2000)


# Case: how the page ends, and whether the collector is down until it has.
CASES: Mapping[str, tuple[Callable[[Page], None], bool]] = {
    "closed": (_close, False),
    "left for another page": (_navigate, False),
    "collector down, then closed": (_close, True),
    "crashed": (_crash, False),
}


def losses(browser: Browser, host: Host) -> dict[str, Lost]:
    return {case: _lost(browser, host, leave, down) for case, (leave, down) in CASES.items()}


def _lost(browser: Browser, host: Host, leave: Callable[[Page], None], down: bool) -> Lost:
    host.deliveries.clear()
    context = browser.new_context(viewport={"width": 960, "height": 540})
    try:
        page = _open(context, host)
        host.is_down = down
        _watch(page)
        leave(page)
        context.new_page().wait_for_timeout(ARRIVAL_MS)  # what leaves with the page has met its fate
        host.is_down = False
        _open(context, host).wait_for_timeout(ARRIVAL_MS)
    finally:
        host.is_down = False
        context.close()
    return Lost(_missing(_heard_by_us(host.deliveries)), _missing(_heard_by_mux(host.deliveries)))


def _open(context: BrowserContext, host: Host) -> Page:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{host.origin}/{PAGE}/{PAGE}.html?consent=1")
    page.wait_for_function("document.querySelector('video').readyState === 4")
    page.wait_for_timeout(1000)  # both have said that the page is there
    return page


def _watch(page: Page) -> None:
    for number in range(ROUNDS):
        for action in ("play()", "pause()", f"currentTime = {10 * number + 5}"):
            page.evaluate(f"() => {{ document.querySelector('video').{action} }}")
            page.wait_for_timeout(SETTLE_MS)


def _missing(heard: Counter[str]) -> int:
    if any(heard[what] > DONE[what] for what in DONE):
        raise BenchmarkFailed(f"more was heard of than was done: {dict(heard)}")
    return sum((DONE - heard).values())


def _heard_by_us(deliveries: Iterable[Delivery]) -> Counter[str]:
    """Each event once, however often it was sent."""
    bodies = [delivery.body for delivery in deliveries if delivery.path == "/v1/views"]
    events = {
        (message["view_id"], event["seq"]): event["type"]
        for body in bodies
        for message in messages_of(body)
        for event in message["events"]
    }
    return Counter(kind for kind in events.values() if kind in DONE)


def _heard_by_mux(deliveries: Iterable[Delivery]) -> Counter[str]:
    events = [
        json.dumps(event, sort_keys=True)
        for delivery in deliveries
        if delivery.path != "/v1/views"
        for event in json.loads(delivery.body).get("events", [])
    ]
    kinds = [json.loads(event).get("e") for event in dict.fromkeys(events)]
    return Counter(MUX_NAMES[kind] for kind in kinds if kind in MUX_NAMES)
