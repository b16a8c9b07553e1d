"""The ways in which people come to a house: by its loopback address or another name, with a keyboard or a finger."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Protocol

from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.house import House

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


class Hands(Protocol):
    """What a person does with a player that is on the screen."""

    def play(self) -> None: ...
    def pause(self) -> None: ...
    def ten_on(self) -> None: ...
    def ten_back(self) -> None: ...
    def faster(self) -> None: ...


class Keyboard:
    def __init__(self, page: Page) -> None:
        self._page = page

    def play(self) -> None:
        self._page.keyboard.press("k")

    def pause(self) -> None:
        self._page.keyboard.press("k")

    def ten_on(self) -> None:
        self._page.keyboard.press("l")

    def ten_back(self) -> None:
        self._page.keyboard.press("j")

    def faster(self) -> None:
        self._page.keyboard.press(">")


class Finger:
    """Taps on the picture and on what is large enough for a finger."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._player = page.get_by_role("region", name=re.compile("^Video"))
        self._session: CDPSession = page.context.new_cdp_session(page)

    def play(self) -> None:
        self._tap_button("Play")

    def pause(self) -> None:
        self._tap_button("Pause")

    def ten_on(self) -> None:
        self._tap_twice(0.8)

    def ten_back(self) -> None:
        self._tap_twice(0.2)

    def faster(self) -> None:
        self._tap_button("Settings")
        self._player.get_by_role("menuitem", name=re.compile("Speed")).tap()
        self._player.get_by_role("menuitemradio", name="1.25×", exact=True).tap()

    def _tap_button(self, name: str) -> None:
        if self._player.get_attribute("data-awake") == "false":
            self._tap(0.5)
        expect(self._player).to_have_attribute("data-awake", "true")
        self._player.get_by_role("button", name=name, exact=True).last.tap()

    def _tap_twice(self, across: float) -> None:
        self._tap(across, times=2)

    def _tap(self, across: float, *, times: int = 1) -> None:
        """On the picture's upper part, where no control is. The browser itself times the taps: a test is too slow."""
        box = self._page.locator("video").bounding_box()
        assert box is not None
        self._session.send(
            "Input.synthesizeTapGesture",
            {
                "x": box["x"] + across * box["width"],
                "y": box["y"] + 0.2 * box["height"],
                "duration": 30,
                "tapCount": times,
                "gestureSourceType": "touch",
            },
        )


@dataclass(frozen=True)
class Manner:
    """`house`: the fixture's name; `device`: options of the browser's context."""

    house: str
    device: dict[str, Any] = field(default_factory=dict)

    def hands(self, page: Page) -> Hands:
        return Finger(page) if self.device.get("has_touch") else Keyboard(page)


# A name that Chromium is told to find on this machine: no loopback, so a secret is required, and no secure context.
MANNERS = {
    "loopback": Manner("house"),
    "named": Manner("named"),
    "touch": Manner("house", PHONE),
}


def sign_in(page: Page, house: House) -> None:
    """As the first visit does, where the house wants it."""
    if house.secret is None:
        return
    page.goto(f"{house.site}/login")
    page.get_by_label("Secret").fill(house.secret)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{house.site}/")
