"""The player on the site: keys, findings of axe, other hosts, and what it remembers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Position, expect

from tests.e2e.axe import axe_findings
from tests.e2e.browser import visitor
from tests.e2e.streams import FILM_S, INTRO_END_S
from tests.e2e.viewer import wait_until_at

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-main")]

PICTURE: Position = {"x": 40, "y": 40}  # not on the big button


def open_film(page: Page, house, film_id: str, query: str = "") -> None:
    page.goto(f"{house.site}/watch/{film_id}?notrack=1{query}")
    page.wait_for_function("() => document.querySelector('video')?.readyState >= 1")


def video(page: Page, expression: str) -> Any:
    return page.evaluate(f"(() => {{ const video = document.querySelector('video'); return {expression} }})()")


def wait_for(page: Page, expression: str) -> None:
    page.wait_for_function(f"() => {{ const video = document.querySelector('video'); return {expression} }}")


def test_fourteen_keys_work_after_one_click_on_the_picture(browser, house, film_id):
    with visitor(browser) as (page, witness):
        open_film(page, house, film_id)
        page.locator("video").click(position=PICTURE)
        wait_until_at(page, 0.3)
        page.keyboard.press("k")
        wait_for(page, "video.paused")
        page.keyboard.press("Space")
        wait_for(page, "!video.paused")
        page.keyboard.press("k")
        wait_for(page, "video.paused")
        for digit in range(10):
            page.keyboard.press(str(digit))
            wait_for(page, f"Math.abs(video.currentTime - video.duration * {digit} / 10) < 0.05")
        page.keyboard.press("5")
        for key, by_s in {"ArrowLeft": -5, "ArrowRight": 5, "j": -10, "l": 10}.items():
            before_s = video(page, "video.currentTime")
            page.keyboard.press(key)
            wait_for(page, f"Math.abs(video.currentTime - {before_s + by_s}) < 0.05")
        for key, volume in {"ArrowDown": 0.95, "ArrowUp": 1.0}.items():
            page.keyboard.press(key)
            wait_for(page, f"Math.abs(video.volume - {volume}) < 0.001")
        page.keyboard.press("m")
        wait_for(page, "video.muted")
        page.keyboard.press("m")
        wait_for(page, "!video.muted")
        page.keyboard.press("f")
        wait_for(page, "document.fullscreenElement?.contains(video)")
        page.keyboard.press("f")
        wait_for(page, "document.fullscreenElement === null")
        page.keyboard.press("Home")
        wait_for(page, "video.currentTime === 0")
        page.keyboard.press("End")
        wait_for(page, "video.duration - video.currentTime < 0.2")
        page.keyboard.press(">")
        wait_for(page, "video.playbackRate === 1.25")
        page.keyboard.press("<")
        wait_for(page, "video.playbackRate === 1")
        assert not witness.errors


def test_a_place_is_put_into_words_before_anybody_plays(browser, house, film_id):
    with visitor(browser) as (page, _):
        open_film(page, house, film_id)
        place = re.compile(r"^0 seconds of \d+ (seconds|minutes?)")
        expect(page.get_by_role("slider", name="Position")).to_have_attribute("aria-valuetext", place)
        expect(page.get_by_role("timer")).to_have_attribute("aria-label", place)


def test_single_keys_can_be_switched_off_and_the_sliders_keep_theirs(browser, house, film_id):
    with visitor(browser) as (page, _):
        open_film(page, house, film_id)
        page.locator("video").click(position=PICTURE)
        wait_until_at(page, 0.3)
        page.keyboard.press("k")
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keyboard")
        dialog.get_by_role("checkbox").uncheck()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        before_s = video(page, "video.currentTime")
        page.locator(".vb-player").focus()
        page.keyboard.press("l")
        page.keyboard.press("m")
        assert video(page, "[video.currentTime, video.muted]") == [before_s, False]
        page.get_by_role("slider", name="Position").focus()
        page.keyboard.press("ArrowRight")
        wait_for(page, f"Math.abs(video.currentTime - {before_s + 5}) < 0.05")
        page.reload()
        page.wait_for_function("() => document.querySelector('video')?.readyState >= 1")
        page.locator(".vb-player").focus()
        page.keyboard.press("m")
        assert video(page, "video.muted") is False, "the choice outlives the page"


def initial(page: Page) -> None:
    expect(page.get_by_role("button", name="Play", exact=True).first).to_be_visible()


def playing(page: Page) -> None:
    page.locator("video").click(position=PICTURE)
    wait_until_at(page, 0.5)


def menu(page: Page) -> None:
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("menu", name="Settings")).to_be_visible()


def captions(page: Page) -> None:
    playing(page)  # browsers show no caption over a poster
    page.get_by_role("button", name="Captions", exact=True).click()
    wait_for(page, "[...video.textTracks].some((track) => track.mode === 'showing' && track.activeCues?.length)")


def error(page: Page) -> None:
    page.route("**/film*/**", lambda route: route.abort())
    page.route("**/master.m3u8", lambda route: route.fulfill(status=404))
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("This video cannot be reached.")


def ended(page: Page) -> None:
    playing(page)
    page.keyboard.press("End")
    wait_for(page, "video.ended")


@pytest.mark.parametrize(
    "bring_about", [initial, playing, menu, captions, error, ended], ids=lambda each: each.__name__
)
def test_axe_finds_nothing(bring_about: Callable[[Page], None], browser, house, film_id):
    with visitor(browser) as (page, witness):
        open_film(page, house, film_id)
        bring_about(page)
        assert axe_findings(page) == []
        assert witness.hosts == {house.site.removeprefix("http://")}


def test_it_goes_on_where_it_stopped_and_shows_what_was_seen(browser, house, film_id):
    with visitor(browser) as (page, _):
        open_film(page, house, film_id)
        page.locator("video").click(position=PICTURE)
        wait_until_at(page, 1.0)
        page.keyboard.press("5")
        wait_until_at(page, FILM_S / 2 + 1)
        page.keyboard.press("k")
        wait_for(page, "video.paused")
        stopped_s = video(page, "video.currentTime")
        page.reload()
        expect(page.get_by_text(re.compile("Goes on at 0:3"))).to_be_visible()
        wait_for(page, f"Math.abs(video.currentTime - {stopped_s - 3}) < 1")
        expect(page.locator(".vb-seen")).to_have_count(2)
        page.get_by_role("button", name="Start over").click()
        wait_for(page, "video.currentTime === 0")


def test_the_intro_is_skipped_once_and_the_tables_learn_that_it_was(browser, house, film_id):
    sent: list[dict[str, Any]] = []
    with visitor(browser) as (page, _):
        page.on(
            "websocket",
            lambda socket: socket.on("framesent", lambda frame: sent.extend(json.loads(frame).get("events", []))),
        )
        page.goto(f"{house.site}/watch/{film_id}")
        page.get_by_role("button", name="Play", exact=True).first.click()
        page.get_by_role("button", name="Skip intro").click()
        wait_until_at(page, INTRO_END_S + 1.0)  # jumps less than half a second apart count as one
        page.keyboard.press("Home")
        wait_until_at(page, 0.5)
        wait_for(page, f"video.currentTime < {INTRO_END_S - 2}")
        expect(page.get_by_role("button", name="Skip intro")).to_have_count(0)
        page.keyboard.press("k")
        page.wait_for_function("() => document.querySelector('video').paused")
        page.evaluate("() => dispatchEvent(new Event('online'))")  # the tracker sends what it has
        page.goto("about:blank")
    skips = [event for event in sent if event["type"] == "seek" and event.get("cause") == "skip"]
    assert len(skips) == 1
    assert skips[0]["to_s"] == pytest.approx(INTRO_END_S, abs=0.1)


def test_a_link_to_this_moment_begins_at_this_moment(browser, house, film_id):
    with visitor(browser, permissions=["clipboard-read", "clipboard-write"]) as (page, _):
        open_film(page, house, film_id, "&t=30")
        wait_for(page, "Math.abs(video.currentTime - 30) < 0.1")
        page.get_by_role("button", name="Settings").click()
        page.get_by_role("menuitem", name="Share").click()
        page.get_by_role("button", name="Copy link at 0:30").click()
        expect(page.get_by_text("Link at 0:30 copied")).to_be_visible()
        link = page.evaluate("navigator.clipboard.readText()")
        assert link == f"{house.site}/watch/{film_id}?t=30"
        page.goto(link)
        wait_for(page, "Math.abs((video?.currentTime ?? 0) - 30) < 0.1")


def test_voice_and_captions_are_chosen_and_remembered(browser, house, film_id):
    shown = "[...video.textTracks].find((track) => track.mode === 'showing')?.language"
    asked: list[str] = []
    with visitor(browser) as (page, _):
        page.on("request", lambda request: asked.append(Path(request.url).parent.name))
        open_film(page, house, film_id)
        menu(page)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("menuitem", name="Audio")).to_be_focused()
        page.keyboard.press("Enter")
        page.get_by_role("menuitemradio", name="Deutsch").click()
        expect(page.get_by_role("button", name="Settings")).to_be_focused()
        page.get_by_role("button", name="Settings").click()
        page.get_by_role("menuitem", name="Captions").click()
        page.get_by_role("menuitemradio", name="Deutsch").click()
        wait_for(page, f"{shown} === 'de'")
        asked.clear()
        page.reload()
        wait_for(page, f"video && {shown} === 'de'")
        page.get_by_role("button", name="Captions", exact=True).and_(page.locator("[aria-pressed=true]")).click()
        wait_for(page, f"{shown} === undefined")
        page.locator("video").click(position=PICTURE)
        wait_until_at(page, 0.5)
        assert "a-de" in asked


def test_what_most_people_skip_is_offered_without_a_chapter(browser, house, watched):
    with visitor(browser) as (page, _):
        open_film(page, house, watched)
        page.locator("video").click(position=PICTURE)
        page.get_by_role("button", name="Skip intro").click()
        wait_for(page, "Math.abs(video.currentTime - 13) < 1.5")


@pytest.mark.parametrize(("language", "direction", "library"), [("de", "ltr", "Bibliothek"), ("ar", "rtl", "المكتبة")])
def test_the_site_speaks_the_chosen_language(language, direction, library, browser, house, film_id):
    with visitor(browser) as (page, witness):
        page.goto(house.site)
        page.get_by_role("button", name="Privacy").click()
        page.get_by_label("Language").select_option(language)
        expect(page.get_by_role("heading", name=library)).to_be_attached()
        expect(page.locator("html")).to_have_attribute("dir", direction)
        open_film(page, house, film_id)
        expect(page.locator(".vb-player")).to_have_attribute("lang", language)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert not witness.errors
