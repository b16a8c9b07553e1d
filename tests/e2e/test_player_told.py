"""What the player says and shows in somebody's page: languages, announcements, facts that come while it plays."""

from __future__ import annotations

import math

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import axe_findings
from tests.e2e.host_page import host_page, phone
from tests.e2e.streams import FILM_S

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-main")]

HEAT = [math.exp(-(((k - 40) / 5) ** 2)) for k in range(100)]
MIN_SHARE = 0.5  # of the peak: what counts as most replayed


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
