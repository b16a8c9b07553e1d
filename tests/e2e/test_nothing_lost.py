"""Pages end in every way a page can end, and each event that they recorded is in the lake, once.

A host page of its own, Chromium, the real door. The truth is what the page said it recorded (`onEvent`, over the
debugger's line), never what it says it sent.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from secrets import token_hex

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page
from playwright.sync_api import Error as PlaywrightError

from tests.e2e.browser import ARGUMENTS, PATIENCE_MS, USER_AGENT
from tests.e2e.house import House
from tests.e2e.stand import Key, Made, Stand
from tests.e2e.viewer import wait_until_at
from tests.support import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-stand")]

HOST = "somebody.test"  # not loopback's own name: no secure context, hence no randomUUID


@pytest.fixture(scope="module")
def own_browser(browser: Browser) -> Iterator[Browser]:
    """As people have it: with the back/forward cache, which automation switches off."""
    own = browser.browser_type.launch(
        executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), headless=True,
        args=[*ARGUMENTS, f"--host-resolver-rules=MAP {HOST} 127.0.0.1"],
        ignore_default_args=["--disable-back-forward-cache"],
    )  # fmt: skip
    try:
        yield own
    finally:
        own.close()


class Viewer:
    """One person's browser profile at somebody's page."""

    def __init__(self, context: BrowserContext, stand: Stand, door: House, video: str) -> None:
        self.context, self.stand, self.door, self.video = context, stand, door, video
        self.made = Made()
        self.host = "127.0.0.1"

    def visit(self, *, consent: bool, own_clock: bool = False) -> Page:
        """Open the page. `own_clock`: a test moves its time."""
        page = self.context.new_page()
        if own_clock:
            page.clock.install()
        page.set_default_timeout(PATIENCE_MS)
        self.made.listen(page)
        asked = {"consent": "1"} if consent else {}
        page.goto(self.stand.url(f"{self.door.site}/v1/views", self.video, host=self.host, **asked))
        page.wait_for_function("window.views")
        return page

    def watch(self, page: Page) -> None:
        """Play, pause, jump, change the speed: twenty events or so."""
        page.evaluate("document.querySelector('video').play()")
        wait_until_at(page, 1.0)
        page.evaluate("document.querySelector('video').pause()")
        page.evaluate("document.querySelector('video').currentTime = 20")
        page.evaluate("document.querySelector('video').play()")
        wait_until_at(page, 20.6)
        page.evaluate("document.querySelector('video').playbackRate = 1.5")
        wait_until_at(page, 21.2)

    def stored(self) -> dict[Key, str]:
        """What the tables hold of this test's video: type by (view_id, seq); an event twice is an error."""
        sql = f"SELECT view_id, seq, type FROM events WHERE video_id = '{self.video}'"
        rows = self.door.api("/v1/sql", method="POST", body={"sql": sql})["rows"]
        found = {(view_id, seq): kind for view_id, seq, kind in rows}
        assert len(found) == len(rows)
        return found

    def expect_nothing_lost(self, *, ends: int) -> None:
        """Wait until all that was made is stored, with `ends` ends of views, and no hole in any view."""
        stored = until(lambda: self._all_there(ends), timeout_s=20, what=f"{len(self.made.keys)} events are stored")
        assert stored is not None
        for view in {view_id for view_id, _ in stored}:
            seqs = sorted(seq for view_id, seq in stored if view_id == view)
            assert seqs == list(range(len(seqs)))

    def _all_there(self, ends: int) -> dict[Key, str] | None:
        stored = self.stored()
        whole = self.made.keys <= stored.keys() and list(stored.values()).count("view_end") == ends
        return stored if whole else None


@pytest.fixture
def viewer(own_browser: Browser, stand: Stand, door: House) -> Iterator[Viewer]:
    context = own_browser.new_context(user_agent=USER_AGENT, viewport={"width": 800, "height": 600})
    try:
        yield Viewer(context, stand, door, f"loss-{token_hex(8)}")
    finally:
        context.close()


@contextmanager
def closed(door: House) -> Iterator[None]:
    """No server for the length of the block."""
    door.stop("serve")
    try:
        yield
    finally:
        door.start("serve")


def crash(page: Page) -> None:
    """The renderer dies in the middle of what it does."""
    line: CDPSession = page.context.new_cdp_session(page)
    with page.expect_event("crash"), suppress(PlaywrightError):  # nobody is left to answer
        line.send("Page.crash", timeout=2000)


def kept(page: Page) -> int:
    """How many things the browser holds of views that are not answered for."""
    count: int = page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('viewbox.left.')).length")
    return count


def close_tab(page: Page) -> None:
    page.close(run_before_unload=True)


def navigate_away(page: Page) -> None:
    page.goto("about:blank")


@pytest.mark.parametrize("leave", [close_tab, navigate_away])
def test_a_page_that_is_left_loses_nothing(viewer: Viewer, leave: Callable[[Page], None]):
    page = viewer.visit(consent=False)
    viewer.watch(page)
    leave(page)
    viewer.expect_nothing_lost(ends=1)


def test_a_page_that_is_left_at_once_was_a_view(viewer: Viewer):
    page = viewer.visit(consent=False)
    close_tab(page)
    viewer.expect_nothing_lost(ends=1)


def test_a_tracker_whose_sender_never_comes_loses_nothing(viewer: Viewer):
    with viewer.stand.without("/views/sender.js"):
        page = viewer.visit(consent=True)
        viewer.watch(page)
        page.evaluate("document.querySelector('video').pause()")
        until(lambda: viewer.made.keys <= viewer.stored().keys(), timeout_s=40, what="plain POST takes over")
        close_tab(page)
        viewer.expect_nothing_lost(ends=1)


def test_a_page_that_comes_back_from_the_cache_goes_on_in_a_view_of_its_own(viewer: Viewer):
    page = viewer.visit(consent=False)
    page.evaluate("addEventListener('pageshow', ({ persisted }) => (window.cameBack = persisted))")
    viewer.watch(page)
    page.goto(f"http://127.0.0.1:{viewer.stand.port}/stream/video.m3u8")
    page.evaluate("history.back()")
    page.wait_for_function("window.cameBack === true")
    viewer.watch(page)
    page.close(run_before_unload=True)
    viewer.expect_nothing_lost(ends=2)
    assert len({view for view, _ in viewer.made.keys}) == 2


def test_ten_minutes_offline_lose_nothing(viewer: Viewer):
    page = viewer.visit(consent=True, own_clock=True)
    viewer.watch(page)
    viewer.context.set_offline(True)
    page.evaluate("document.querySelector('video').currentTime = 5")
    viewer.watch(page)
    page.evaluate("document.querySelector('video').pause()")
    for _ in range(20):
        page.clock.run_for(30_000)  # attempts fail, pauses grow
    viewer.watch(page)
    unsent = viewer.made.keys - viewer.stored().keys()
    assert len(unsent) >= 10, "the line was cut"
    assert kept(page) > len(unsent), "storage has them and their view"
    viewer.context.set_offline(False)
    viewer.expect_nothing_lost(ends=0)
    page.close(run_before_unload=True)
    viewer.expect_nothing_lost(ends=1)


@pytest.fixture(params=["127.0.0.1", HOST])
def anywhere(viewer: Viewer, request: pytest.FixtureRequest) -> Viewer:
    """On a page with every API, and on one in a non-secure context, as a LAN address is."""
    viewer.host = request.param
    return viewer


def test_a_server_that_is_down_until_after_the_page_was_closed_gets_it_all_at_the_next_visit(anywhere: Viewer):
    page = anywhere.visit(consent=True)
    assert page.evaluate("isSecureContext") == (anywhere.host != HOST)
    anywhere.watch(page)
    with closed(anywhere.door):
        page.evaluate("document.querySelector('video').currentTime = 3")
        anywhere.watch(page)
        page.evaluate(
            "for (let i = 0; i < 300; i++) views.setting('note', 'x'.repeat(200))"
        )  # more than one message holds
        anywhere.watch(page)
        page.close(run_before_unload=True)
    page = anywhere.visit(consent=True)
    anywhere.expect_nothing_lost(ends=1)
    until(lambda: kept(page) == 0, what="what was answered for is forgotten")


def test_a_crashed_page_is_complete_at_the_next_visit(anywhere: Viewer):
    page = anywhere.visit(consent=True)
    anywhere.watch(page)
    page.evaluate("for (let i = 0; i < 20; i++) views.setting('last words', i)")
    crash(page)
    assert not anywhere.made.keys <= anywhere.stored().keys(), "the last words were not sent before the end"
    anywhere.visit(consent=True)
    anywhere.expect_nothing_lost(ends=0)


def test_without_consent_nothing_is_ever_stored_in_the_browser(viewer: Viewer):
    page = viewer.visit(consent=False)
    viewer.watch(page)
    assert page.evaluate("localStorage.length") == 0
    assert page.evaluate("indexedDB.databases()") == []
