"""Chromium that can reach this machine only, slowed down as a cheap phone is, and how a page's first frame is seen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.process import BenchmarkFailed

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    # Whoever phones home finds nobody.
    "--host-resolver-rules=MAP localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip
SLOWDOWN = 4
PATIENCE_MS = 60_000

# A player may hide its <video> in shadow roots, so every root listens; media events do not bubble, but they are seen on
# the way down. From the first `loadstart` on, the element itself says when its first frame is on the screen.
FIRST_FRAME = """
(() => {
  window.__firstFrameMs = null;
  const seen = new WeakSet();
  const look = ({ target }) => {
    if (!(target instanceof HTMLVideoElement) || seen.has(target)) return;
    seen.add(target);
    window.__video = target;
    target.requestVideoFrameCallback((nowMs) => { window.__firstFrameMs ??= nowMs; });
  };
  const listen = (root) => {
    for (const type of ['loadstart', 'loadedmetadata', 'play']) root.addEventListener(type, look, true);
  };
  listen(document);
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (init) {
    const root = attachShadow.call(this, init);
    listen(root);
    return root;
  };
})();
"""


@dataclass
class Visit:
    """An open page, its debugger, and the hosts that it asked beside this machine."""

    page: Page
    debugger: CDPSession
    strangers: set[str] = field(default_factory=set)

    def slow_down(self, factor: int = SLOWDOWN) -> None:
        self.debugger.send("Emulation.setCPUThrottlingRate", {"rate": factor})

    def metric(self, name: str) -> float:
        """One of `Performance.getMetrics`: durations in seconds since the page began."""
        found = self.debugger.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in found if each["name"] == name))

    def note(self, url: str) -> None:
        host = urlsplit(url).hostname
        if host and host not in {"127.0.0.1", "localhost"}:
            self.strangers.add(host)


@contextmanager
def chromium() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        raise BenchmarkFailed("no Chromium on PATH: install one (`apt-get install chromium`), or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS, headless=True)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(browser: Browser) -> Iterator[Visit]:
    """A page of a fresh profile, 960 × 540, with `window.__firstFrameMs` in the making."""
    context = browser.new_context(viewport={"width": 960, "height": 540})
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(FIRST_FRAME)
        made = Visit(page, context.new_cdp_session(page))
        made.debugger.send("Performance.enable")
        page.on("request", lambda request: made.note(request.url))
        yield made
    finally:
        context.close()
