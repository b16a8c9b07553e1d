"""The player in somebody's page, over plain http: fingers, languages, announcements, and what the page may ask."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, expect

from tests.e2e.axe import axe_findings
from tests.e2e.host_page import HostPage, host_page
from tests.e2e.streams import FILM_S

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-main")]

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
TARGET_PX = 44
HEAT = [math.exp(-(((k - 40) / 5) ** 2)) for k in range(100)]
MIN_SHARE = 0.5  # of the peak: what counts as most replayed


@contextmanager
def phone(browser: Browser, film: Path) -> Iterator[tuple[HostPage, CDPSession]]:
    with host_page(browser, film, **PHONE) as host:
        yield host, host.page.context.new_cdp_session(host.page)


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})


def tap_twice(session: CDPSession, x: float, y: float) -> None:
    """The browser itself times the taps: a test on a busy machine would make two single ones of them."""
    session.send("Input.synthesizeTapGesture", {"x": x, "y": y, "tapCount": 2, "gestureSourceType": "touch"})


# --- fingers ---------------------------------------------------------------------------------------------


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


# --- languages -------------------------------------------------------------------------------------------


def test_arabic_runs_from_the_right_and_time_from_the_left(browser, film):
    with host_page(browser, film) as host:
        host.mount(lang="ar-EG", shares=True, watching=12)
        region = host.page.get_by_role("region", name="فيديو: A film")
        expect(region).to_have_attribute("dir", "rtl")
        expect(region).to_have_attribute("lang", "ar-EG")
        host.play_until(0.3)
        host.say("host.handle.pause()")
        host.say("host.handle.seek(33)")
        expect(region.get_by_text("٠:٣٣")).to_be_visible()
        played = host.page.locator(".vb-played").bounding_box()
        track = host.page.locator(".vb-track").bounding_box()
        assert played is not None
        assert track is not None
        assert played["x"] == pytest.approx(track["x"], abs=1)
        assert played["width"] == pytest.approx(track["width"] / 2, rel=0.02)
        host.page.get_by_role("button", name="الإعدادات").click()
        menu = host.page.get_by_role("menu", name="الإعدادات")
        expect(menu).to_be_visible()
        label = menu.get_by_role("menuitem", name="السرعة").locator("span").first.bounding_box()
        note = menu.get_by_role("menuitem", name="السرعة").locator("small").bounding_box()
        assert label is not None
        assert note is not None
        assert label["x"] > note["x"]
        host.page.keyboard.press("ArrowLeft")  # onwards is to the left
        expect(host.page.get_by_role("menu", name="الجودة")).to_be_visible()
        host.page.keyboard.press("ArrowRight")
        expect(menu).to_be_visible()


def test_the_browsers_language_is_spoken_unless_the_page_says_otherwise(browser, film):
    with host_page(browser, film, locale="de-AT") as host:
        host.mount()
        expect(host.page.get_by_role("button", name="Abspielen").first).to_be_visible()
        host.mount(lang="en")
        expect(host.page.get_by_role("button", name="Play").first).to_be_visible()
        host.mount(lang="fi")
        expect(host.page.get_by_role("button", name="Abspielen").first).to_be_visible()


def test_keys_are_found_by_their_place_where_the_layout_writes_no_latin(browser, film):
    with host_page(browser, film) as host:
        host.mount()
        host.page.locator("video").click(position={"x": 40, "y": 40})
        host.wait_for("video.currentTime > 0.3")
        key = "{ key: 'ن', code: 'KeyK', bubbles: true }"
        host.say(f"document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key}))")
        host.wait_for("video.paused")


# --- what is told and shown ------------------------------------------------------------------------------


LISTEN = """() => {
  const region = document.querySelector('.vb-player > .vb-hidden[role=status]');
  window.said = [];
  const hear = () => { if (region.textContent) said.push(region.textContent); };
  new MutationObserver(hear).observe(region, { childList: true, subtree: true, characterData: true });
}"""


def test_confirmed_states_are_announced_and_a_focused_slider_is_not_talked_over(browser, film):
    with host_page(browser, film) as host:
        host.mount()
        host.page.locator(".vb-player > .vb-hidden[role=status]").wait_for(state="attached")
        host.page.evaluate(LISTEN)
        host.page.locator("video").click(position={"x": 40, "y": 40})
        host.wait_for("said.includes('Playing')")
        host.wait_for("video.currentTime > 0.3")
        for key, text in (("k", "Paused"), ("l", "At 10 seconds"), ("c", "Captions on"), ("m", "Sound is off")):
            host.page.keyboard.press(key)
            host.wait_for(f"said.at(-1) === '{text}'")
        host.page.get_by_role("slider", name="Position").focus()
        host.page.keyboard.press("ArrowRight")
        host.wait_for("video.currentTime > 14 && !video.seeking")
        host.page.keyboard.press(">")
        host.wait_for("said.at(-1) === 'Speed, 1.25×'")
        assert host.say("said") == [
            "Playing", "Paused", "At 10 seconds", "Captions on", "Sound is off", "Speed, 1.25×"
        ]  # fmt: skip


def test_heat_and_viewers_come_by_prop_or_by_call(browser, film):
    with host_page(browser, film) as host:
        host.mount(heat=[0.0] * 100, watching=2)
        host.wait_for("host.handle !== null")
        expect(host.page.locator(".vb-heat")).to_have_count(0)
        expect(host.page.get_by_text("watching")).to_have_count(0)
        host.page.evaluate("(heat) => host.handle.update({ heat, watching: 3 })", HEAT)
        expect(host.page.locator(".vb-heat")).to_have_count(1)
        expect(host.page.get_by_text("3 watching")).to_be_visible()
        peak = [k for k, value in enumerate(HEAT) if value >= MIN_SHARE]
        first_s, last_s = int(peak[0] * FILM_S / 100), int((peak[-1] + 1) * FILM_S / 100)
        expect(host.page.get_by_role("slider", name="Position")).to_have_accessible_description(
            f"Most replayed: {first_s} seconds to {last_s} seconds"
        )
        slider = host.page.get_by_role("slider", name="Position")
        box = slider.bounding_box()
        assert box is not None
        host.page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] - 8)
        expect(host.page.locator(".vb-preview")).to_contain_text("Most replayed")
        expect(host.page.locator(".vb-preview-picture")).to_be_visible()
        host.say("host.handle.update({ heat: null, watching: null })")
        expect(host.page.locator(".vb-heat")).to_have_count(0)
        expect(host.page.get_by_text("watching")).to_have_count(0)


def test_a_video_that_is_being_prepared_says_how_far_it_is(browser, film):
    with host_page(browser, film) as host:
        renditions = [{"height": 480, "progress": 1}, {"height": 1080, "progress": 0.42}]
        host.mount(src=None, preparing={"progress": 0.6, "renditions": renditions})
        expect(host.page.get_by_role("progressbar")).to_have_attribute("value", "0.6")
        expect(host.page.get_by_text("480p ready · 1080p 42")).to_be_visible()
        host.mount(preparing={"progress": 0.7, "renditions": renditions})
        host.play_until(0.3)
        expect(host.page.get_by_role("progressbar")).to_have_count(0)
        expect(host.page.get_by_text("480p ready · 1080p 42")).to_be_attached()


def test_suggested_parts_are_offered_too(browser, film):
    with host_page(browser, film) as host:
        host.mount(chapters=None, skips=[{"fromS": 0, "toS": 20, "kind": "section"}])
        host.play_until(0.3)
        offer = host.page.get_by_role("button", name="Skip this part")
        offer.focus()
        host.page.keyboard.press("Enter")
        host.wait_for("video.currentTime >= 20")
        expect(host.player).to_be_focused()
        expect(offer).to_have_count(0)


def test_the_next_video_comes_unless_the_person_says_no(browser, film):
    with host_page(browser, film) as host:
        host.mount(next={"title": "Part two"})
        host.play_until(0.3)
        host.say("host.handle.seek(65.8)")
        card = host.page.get_by_role("region", name="Up next")
        expect(card).to_contain_text("Part two")
        card.get_by_role("button", name="Cancel").click()
        expect(card).to_have_count(0)
        assert host.say("host.told") == ["ended"]
        host.say("host.handle.seek(65.5)")
        host.say("host.handle.play()")
        card.get_by_role("button", name="Play now").click()
        assert host.say("host.told") == ["ended", "ended", "next"]


def test_axe_finds_nothing_in_what_the_menu_opens(browser, film):
    with phone(browser, film) as (host, _):
        host.mount(lang="ar", shares=True, heat=HEAT, watching=5)
        host.play_until(0.3)
        host.say("host.handle.pause()")
        for row in ("الجودة", "مظهر الترجمة", "الفصول", "مشاركة", "الإحصاءات", "لوحة المفاتيح"):
            host.page.get_by_role("button", name="الإعدادات").click()
            host.page.get_by_role("menuitem", name=row).click()
            expect(host.page.get_by_role("menu", name="الإعدادات")).to_have_count(0)
            assert axe_findings(host.page) == [], row
            host.page.keyboard.press("Escape")


# --- where the browser says no ----------------------------------------------------------------------------

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


# --- the device ------------------------------------------------------------------------------------------

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
