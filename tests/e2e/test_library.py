"""The library: found by title and tag, gone on with, told how each was watched, walked through by keyboard."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.axe import axe_findings
from tests.e2e.browser import visitor
from tests.e2e.house import House, started
from tests.e2e.material import publish_clip
from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.settings import Settings
from viewbox.testing import Audience, parse_effect
from viewbox.testing.clip import mp4_duration_s, sample_clip
from viewbox.testing.delivery import over_websocket

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-main")]

ON_ITS_WAY = 60  # more than a page of the list: what is looked for has not been loaded


@dataclass
class Shelf:
    house: House
    watched: str
    old: str


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Sixty-two videos; the two oldest can be played, and thirty people watched one of them until its half."""
    house = House(tmp_path_factory.mktemp("shelf"))
    with started(house, "serve"):
        old = publish_clip(house, "Sailing with friends", sample_clip())
        watched = publish_clip(house, "The big meeting", sample_clip())
        catalog = Catalog(open_database(Settings(data_dir=house.data_dir).database))
        catalog.change(old, tags=["Sea", "2026"])
        catalog.change(watched, tags=["work"])
        for number in range(ON_ITS_WAY):
            catalog.report(catalog.add(title=f"Part {number}", source_kind="upload").id, status="failed", progress=0.0)
        duration_s = mp4_duration_s(sample_clip())
        now_ms = time.time_ns() // 1_000_000 - 3_600_000
        leave = [parse_effect(f"leave=1,{duration_s / 2:.0f}")]
        over_websocket(
            f"ws://127.0.0.1:{house.port}/v1/views",
            Audience(5, watched, duration_s, 30, now_ms, 2, leave, synthetic=False).views(),
        )
        house.viewbox("rollup")
        yield Shelf(house, watched, old)


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("main").locator("li.card").filter(has_text=title)


def test_search_looks_through_titles_and_tags_of_the_whole_library(browser, shelf):
    with visitor(browser) as (page, witness):
        page.goto(shelf.house.site)
        expect(card(page, "Part 59")).to_be_visible()
        expect(card(page, "Sailing with friends")).to_have_count(0)
        expect(page.get_by_role("searchbox")).to_be_visible()
        page.keyboard.press("/")
        page.keyboard.type("WITH fr")
        expect(card(page, "Sailing with friends")).to_be_visible()
        expect(card(page, "Part")).to_have_count(0)
        expect(page).to_have_url(re.compile(r"\?q=WITH\+fr$"))
        page.reload()
        expect(card(page, "Sailing with friends")).to_be_visible()
        page.get_by_role("searchbox").fill("wor")  # part of a tag
        expect(card(page, "The big meeting")).to_be_visible()
        page.keyboard.press("Escape")
        expect(card(page, "Part 59")).to_be_visible()
        assert witness.errors == []


def test_a_tag_narrows_the_library_until_it_is_let_go(browser, shelf):
    with visitor(browser) as (page, _):
        page.goto(f"{shelf.house.site}/watch/{shelf.old}?notrack=1")
        page.get_by_role("link", name="Sea").click()
        expect(page).to_have_url(re.compile(r"\?tag=Sea$"))
        expect(card(page, "Sailing with friends")).to_be_visible()
        expect(card(page, "The big meeting")).to_have_count(0)
        page.get_by_role("button", name="Sea: show all tags").click()
        expect(card(page, "Part 59")).to_be_visible()
        page.get_by_role("searchbox").fill("big meeting")
        page.get_by_role("button", name="Show only work").click()
        expect(page).to_have_url(re.compile(r"\?tag=work$"))


def test_what_was_begun_here_can_be_gone_on_with(browser, shelf):
    kept = {shelf.old: {"s": 30, "at": 2, "d": 84}, "2222222222222222222z": {"s": 9, "at": 1, "d": 84}}
    with visitor(browser) as (page, _):
        page.goto(shelf.house.site)
        expect(page.get_by_text("Continue watching")).to_have_count(0)
        page.evaluate("(kept) => localStorage.setItem('viewbox.resume', kept)", json.dumps(kept))
        page.reload()
        row = page.get_by_role("region", name="Continue watching")
        expect(row.get_by_role("link")).to_have_count(1)  # one is not in the list's first page, one was removed
        expect(row).to_contain_text("0:30 of 1:24")
        row.get_by_role("link").click()
        page.get_by_role("button", name="Play", exact=True).first.click()
        page.wait_for_function("() => document.querySelector('video').currentTime >= 27")
        assert page.evaluate("document.querySelector('video').currentTime") < 40


def test_a_card_tells_the_views_of_the_week_and_how_far_they_got(browser, shelf):
    with visitor(browser) as (page, _):
        page.goto(f"{shelf.house.site}/?q=meeting")
        told = card(page, "The big meeting")
        expect(told).to_contain_text("30 views this week")
        curve = told.get_by_role("img", name=re.compile("^Retention"))
        expect(curve).to_have_attribute("aria-label", re.compile(r", 0\s% the end$"))
        points = [
            tuple(map(float, point.split(",")))
            for point in (curve.locator("polyline").get_attribute("points") or "").split(" ")
        ]
        assert len(points) == 24
        assert all(y < 4 for x, y in points if 5 < x < 30), "all of them saw the first part"
        assert all(y > 16 for x, y in points if x > 45), "nobody saw the last part"
        page.get_by_role("searchbox").fill("ing")  # several at once
        expect(card(page, "Sailing with friends")).to_contain_text("No views this week")
        expect(told).to_contain_text("30 views this week")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_in_a_full_library(width, scheme, browser, shelf, tmp_path):
    film = tmp_path / "on its way.mp4"
    film.write_bytes(b"x" * 1_000_000)
    kept = json.dumps({shelf.old: {"s": 30, "at": 2, "d": 84}})
    with visitor(browser, width=width, scheme=scheme) as (page, _):
        page.add_init_script(f"localStorage.setItem('viewbox.resume', {kept!r})")
        page.route("**/v1/uploads/*", lambda _route: None)  # never answered: the upload stays on its way
        page.goto(f"{shelf.house.site}/?q=ing")
        expect(page.get_by_role("img", name=re.compile("^Retention"))).to_be_visible()
        assert axe_findings(page) == []
        page.get_by_role("searchbox").fill("")
        expect(page.get_by_text("Continue watching")).to_be_visible()
        page.locator("form input[type=file]").set_input_files(film)
        page.get_by_role("button", name=f"Pause {film.name}").click()
        expect(page.get_by_text(re.compile("Paused at"))).to_be_visible()
        assert axe_findings(page) == []


def test_arrow_keys_walk_through_the_cards(browser, shelf):
    with visitor(browser) as (page, _):
        page.goto(shelf.house.site)
        focused = "() => document.activeElement.textContent"
        links = page.locator("a.card-link")
        links.first.focus()
        page.keyboard.press("ArrowRight")
        assert page.evaluate(focused) == links.nth(1).text_content()
        page.keyboard.press("ArrowDown")
        below = page.evaluate("() => document.activeElement.getBoundingClientRect().toJSON()")
        assert below["top"] > (links.nth(1).bounding_box() or {"y": 0})["y"]
        page.keyboard.press("ArrowUp")
        assert page.evaluate(focused) == links.nth(1).text_content()
        page.keyboard.press("Enter")
        page.wait_for_url("**/watch/*")


def test_several_pasted_addresses_come_in_and_a_refused_one_says_why(browser, shelf):
    with visitor(browser) as (page, _):
        page.goto(shelf.house.site)
        page.get_by_label("Paste a video URL").fill("https://example.com/first.mp4 http://10.0.0.1/inside.mp4")
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("http://10.0.0.1/inside.mp4:")
        expect(card(page, "first")).to_be_visible()
