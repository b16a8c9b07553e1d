"""Somebody's page with the player in it, under a strict CSP and over plain http, as a machine next door serves it.

`http://player.test` exists in the browser alone: files of a folder answer every request.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Locator, Page, Route

from ingest_api.site_headers import content_security_policy
from tests.e2e.browser import Witness, visitor
from tests.e2e.streams import FILM_S

PLAYER = Path(__file__).parents[2] / "player"
HOST = "http://player.test"
FILM = {
    "src": "/film/master.m3u8",
    "poster": "/film/poster.jpg",
    "chapters": "/film/chapters.vtt",
    "storyboard": "/film/storyboard.vtt",
    "title": "A film",
    "durationS": FILM_S,
}

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


def build_pages(folder: Path, react: str = "19") -> None:
    """The pages of player/test/pages, built into a folder with one of the Reacts that the player is for."""
    command = ["node_modules/.bin/vite", "build", "--config", "test/pages/vite.config.ts", "--outDir", str(folder)]
    subprocess.run(
        command, cwd=PLAYER, env={**os.environ, "REACT": react}, check=True, capture_output=True, timeout=120
    )


@dataclass
class HostPage:
    """The open page. `mount` draws a player with these props, or changes those of the one that is there."""

    page: Page
    witness: Witness

    def mount(self, **props: Any) -> None:
        self.page.evaluate("(props) => host.mount(props)", {**FILM, **props})

    def say(self, expression: str) -> Any:
        """The value of an expression in which `video` and `host` are known."""
        return self.page.evaluate(f"(() => {{ const video = document.querySelector('video'); return {expression} }})()")

    def wait_for(self, expression: str) -> None:
        self.page.wait_for_function(f"() => {{ const video = document.querySelector('video'); return {expression} }}")

    @property
    def player(self) -> Locator:
        return self.page.locator(".vb-player")

    def play_until(self, position_s: float) -> None:
        self.wait_for("host.handle !== null && video.readyState >= 1")
        self.say("host.handle.play()")
        self.wait_for(f"video.currentTime >= {position_s}")


@contextmanager
def host_page(browser: Browser, folder: Path, **options: Any) -> Iterator[HostPage]:
    """`options` as `visitor` takes them."""

    def answer(route: Route) -> None:
        place = folder / urlsplit(route.request.url).path.lstrip("/")
        headers = {"Content-Security-Policy": content_security_policy()}
        route.fulfill(path=place, headers=headers) if place.is_file() else route.fulfill(status=404)

    with visitor(browser, **options) as (page, witness):
        page.route("**/*", answer)
        page.goto(f"{HOST}/host.html")
        page.wait_for_function("() => window.host")
        yield HostPage(page, witness)


@contextmanager
def phone(browser: Browser, film: Path) -> Iterator[tuple[HostPage, CDPSession]]:
    """The page on a phone's screen, and the debugger that touches it."""
    with host_page(browser, film, **PHONE) as host:
        yield host, host.page.context.new_cdp_session(host.page)
