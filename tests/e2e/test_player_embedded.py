"""The player in somebody's page, over http: what the browser refuses, what the device and the page may ask."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.host_page import host_page, phone

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-main")]


NO_SOUND_UNASKED = """() => {
let asked = false;
addEventListener('pointerdown', () => { asked = true; }, true);
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  return this.muted || asked
    ? play.call(this)
    : Promise.reject(new DOMException('not allowed', 'NotAllowedError'));
};
}"""


def test_refused_autoplay_leaves_the_big_button_or_plays_without_sound(browser, film):
    with host_page(browser, film) as host:
        host.page.evaluate(NO_SOUND_UNASKED)
        host.mount(autoPlay=True)
        host.wait_for("video.readyState >= 1")
        host.page.get_by_role("button", name="Play", exact=True).first.click()
        host.wait_for("video.currentTime > 0.2 && !video.muted")
        host.say("host.unmount()")
    with host_page(browser, film) as host:
        host.page.evaluate(NO_SOUND_UNASKED)
        host.mount(autoPlay="muted")
        host.wait_for("video.currentTime > 0.2 && video.muted")
        host.page.get_by_role("button", name="Tap for sound").click()
        host.wait_for("!video.muted && !video.paused")
        expect(host.page.get_by_role("button", name="Tap for sound")).to_have_count(0)


def test_plain_http_has_everything_but_the_clipboard_and_no_foreign_host(browser, film):
    with host_page(browser, film) as host:
        assert host.say("isSecureContext") is False
        host.mount(shares=True)
        host.play_until(1.0)
        host.say("host.handle.pause()")
        host.page.get_by_role("button", name="Settings").click()
        host.page.get_by_role("menuitem", name="Share").click()
        expect(host.page.get_by_role("textbox", name="Link")).to_have_value(re.compile(r"film\?t=1$"))
        expect(host.page.get_by_role("button", name="Copy link")).to_have_count(0)
        assert host.witness.hosts == {"player.test"}
        assert host.witness.errors == []


def test_the_focus_goes_in_the_order_of_the_picture_and_comes_back_from_menus(browser, film):
    with host_page(browser, film) as host:
        host.mount()
        host.wait_for("host.handle !== null && video.readyState >= 1")
        order = []
        for _ in range(12):
            host.page.keyboard.press("Tab")
            order.append(host.say("document.activeElement.getAttribute('aria-label')"))
        assert order == [
            "Play", "Position", "Play", "10 seconds back", "10 seconds on", "Sound off", "Volume", "Chapters",
            "Captions", "Speed, 1×", "Settings", "Picture in picture",
        ]  # fmt: skip
        host.page.get_by_role("button", name="Speed, 1×").focus()
        host.page.keyboard.press("Enter")
        expect(host.page.locator("[role=menuitemradio][aria-checked=true]")).to_be_focused()
        host.page.keyboard.press("ArrowDown")
        host.page.keyboard.press("Enter")
        host.wait_for("video.playbackRate === 1.25")
        expect(host.page.get_by_role("button", name="Speed, 1.25×")).to_be_focused()


DEVICE = """() => {
  window.device = { awake: 0, turned: [] };
  const sentinel = { release: async () => { device.awake -= 1; } };
  const request = async () => { device.awake += 1; return sentinel; };
  Object.defineProperty(navigator, 'wakeLock', { value: { request } });
  ScreenOrientation.prototype.lock = async (to) => { device.turned.push(to); };
}"""


def test_lock_screen_light_and_orientation_follow_the_film(browser, film):
    with phone(browser, film) as (host, _):
        host.page.evaluate(DEVICE)
        host.mount(next={"title": "Part two"})
        host.wait_for("host.handle !== null")
        assert host.say("navigator.mediaSession.metadata") is None
        host.play_until(0.3)
        host.wait_for("navigator.mediaSession.metadata?.title === 'A film' && device.awake === 1")
        assert host.say("navigator.mediaSession.playbackState") == "playing"
        host.page.get_by_role("button", name="Pause").click()
        host.wait_for("device.awake === 0 && navigator.mediaSession.playbackState === 'paused'")
        host.page.get_by_role("button", name="Full screen").click()
        host.wait_for("device.turned.length === 1")
        assert host.say("device.turned") == ["landscape"]
        host.say("document.exitFullscreen()")
        host.say("host.unmount()")
        host.wait_for("navigator.mediaSession.metadata === null")


def test_the_page_lays_out_the_theatre(browser, film):
    with host_page(browser, film) as host:
        host.mount(hasTheatre=True)
        host.page.get_by_role("button", name="Theatre").click()
        assert host.say("host.told") == ["theatre true"]
        host.mount(hasTheatre=True, theatre=True)
        expect(host.page.get_by_role("button", name="Theatre")).to_have_attribute("aria-pressed", "true")
        host.player.focus()
        host.page.keyboard.press("t")
        assert host.say("host.told") == ["theatre true", "theatre false"]


def test_a_chosen_look_of_captions_is_seen_at_once_and_kept(browser, film):
    with host_page(browser, film) as host:
        host.mount()
        host.play_until(0.3)
        host.say("host.handle.pause()")
        host.page.get_by_role("button", name="Captions", exact=True).click()
        host.page.get_by_role("button", name="Settings").click()
        host.page.get_by_role("menuitem", name="Caption style").click()
        host.page.get_by_label("Size").select_option("large")
        host.page.get_by_label("Text").select_option("yellow")
        size = "getComputedStyle(video).getPropertyValue('--vb-cue-size')"
        assert host.say(size) == "150%"
        host.page.keyboard.press("Escape")
        host.say("host.unmount()")
        host.mount()
        host.wait_for(f"video && {size} === '150%'")
        assert host.say("getComputedStyle(video).getPropertyValue('--vb-cue-colour')") == "#ffe14d"
