"""The player under fingers, in somebody's page on a phone: taps, holds, targets, notches."""

from __future__ import annotations

import math

import pytest
from playwright.sync_api import CDPSession, expect

from tests.e2e.host_page import phone

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-main")]

TARGET_PX = 44
HEAT = [math.exp(-(((k - 40) / 5) ** 2)) for k in range(100)]


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})


def tap_twice(session: CDPSession, x: float, y: float) -> None:
    """The browser itself times the taps: a test on a busy machine would make two single ones of them."""
    session.send("Input.synthesizeTapGesture", {"x": x, "y": y, "tapCount": 2, "gestureSourceType": "touch"})


def test_two_taps_jump_ten_seconds_and_one_shows_and_hides_the_controls(browser, film):
    with phone(browser, film) as (host, session):
        host.mount()
        host.play_until(0.3)
        host.say("host.handle.pause()")
        host.say("host.handle.seek(30)")
        host.wait_for("!video.seeking")
        box = host.page.locator("video").bounding_box()
        assert box is not None
        y = box["y"] + 40
        tap_twice(session, 300, y)
        host.wait_for("Math.abs(video.currentTime - 40) < 0.1")
        expect(host.page.locator(".vb-jump")).to_have_count(0)
        tap_twice(session, 60, y)
        host.wait_for("Math.abs(video.currentTime - 30) < 0.1")
        assert host.say("video.paused"), "fingers do not play and pause"
        host.say("host.handle.play()")
        expect(host.player).to_have_attribute("data-awake", "false")
        touch(session, "touchStart", (200, y))
        touch(session, "touchEnd")
        expect(host.player).to_have_attribute("data-awake", "true")


def test_one_tap_anywhere_on_the_poster_begins(browser, film):
    with phone(browser, film) as (host, session):
        host.mount()
        host.wait_for("host.handle !== null && video.readyState >= 1")
        box = host.page.locator("video").bounding_box()
        assert box is not None
        touch(session, "touchStart", (40, box["y"] + 40))
        touch(session, "touchEnd")
        host.wait_for("video.currentTime > 0.2")


def test_a_finger_that_stays_plays_twice_as_fast(browser, film):
    with phone(browser, film) as (host, session):
        host.mount()
        host.play_until(0.3)
        box = host.page.locator("video").bounding_box()
        assert box is not None
        touch(session, "touchStart", (200, box["y"] + 60))
        host.wait_for("video.playbackRate === 2")
        expect(host.page.locator(".vb-hold")).to_contain_text("2×")
        touch(session, "touchEnd")
        host.wait_for("video.playbackRate === 1")
        expect(host.page.locator(".vb-hold")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 568), (844, 390)], ids=["phone", "small", "sideways"])
def test_every_target_is_large_enough_and_nothing_is_cut_off(width, height, browser, film):
    with phone(browser, film) as (host, _):
        host.page.set_viewport_size({"width": width, "height": height})
        host.mount(heat=HEAT, watching=12, hasTheatre=True, shares=True)
        host.play_until(0.3)
        host.say("host.handle.pause()")
        for target in host.page.locator(".vb-bar button:visible, .vb-bar [role=slider], .vb-skip:visible").all():
            box = target.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= TARGET_PX, target.get_attribute("aria-label")
            assert 0 <= box["x"] <= box["x"] + box["width"] <= width
        assert host.say("document.documentElement.scrollWidth") <= width
        host.page.get_by_role("button", name="Settings").click()
        sheet = host.page.get_by_role("menu")
        for row in sheet.get_by_role("menuitem").all():
            box = row.bounding_box()
            assert box is not None
            assert box["height"] >= TARGET_PX
            assert 0 <= box["x"] <= box["x"] + box["width"] <= width


@pytest.mark.parametrize(
    ("width", "height", "insets"),
    [
        (390, 844, {"top": 47, "left": 0, "right": 0, "bottom": 34}),
        (844, 390, {"top": 0, "left": 47, "right": 47, "bottom": 21}),
    ],
    ids=["portrait", "landscape"],
)
def test_controls_keep_away_from_notch_and_home_bar(width, height, insets, browser, film):
    with phone(browser, film) as (host, session):
        session.send("Emulation.setSafeAreaInsetsOverride", {"insets": insets})
        host.page.set_viewport_size({"width": width, "height": height})
        host.mount(watching=5)
        host.play_until(0.3)
        host.say("host.handle.pause()")
        host.page.get_by_role("button", name="Full screen").click()
        host.wait_for(f"document.fullscreenElement?.clientWidth === {width}")
        for target in host.page.locator(".vb-bar button:visible, .vb-facts").all():
            box = target.bounding_box()
            assert box is not None
            assert box["x"] >= insets["left"]
            assert box["x"] + box["width"] <= width - insets["right"]
            assert box["y"] >= insets["top"]
            assert box["y"] + box["height"] <= height - insets["bottom"]
