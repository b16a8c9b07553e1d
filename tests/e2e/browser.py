"""Chromium as a visitor has it, with a witness: every request and every console error of a page is on record."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

NAME = "viewbox.test"  # a name of this machine, for this browser only; to it, plain http is no secure context
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required", f"--host-resolver-rules=MAP {NAME} 127.0.0.1",
]  # fmt: skip
# Chromium without a screen calls itself HeadlessChrome, which ViewBox rightly takes for a bot.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
PATIENCE_MS = 20_000  # two busy cores; nothing waits this long when all is well
Scheme = Literal["light", "dark"]

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Witness:
    """What a page did behind its picture."""

    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("request", lambda request: self._note(request.url))
        page.on("websocket", lambda socket: self._note(socket.url))
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} {message.location.get('url', '')}".strip())

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"}:
            self.hosts.add(parts.netloc)


@contextmanager
def chromium() -> Iterator[Browser]:
    executable = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS, headless=True)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visitor(
    browser: Browser, *, width: int = 1440, height: int = 900, scheme: Scheme = "light", **options: Any
) -> Iterator[tuple[Page, Witness]]:
    """A page of a fresh profile and its witness."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, user_agent=USER_AGENT,
        reduced_motion="reduce", **options,
    )  # fmt: skip
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        witness = Witness()
        witness.watch(page)
        yield page, witness
    finally:
        context.close()
