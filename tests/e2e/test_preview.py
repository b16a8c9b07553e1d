"""The animated preview of a card: it moves under the mouse and under the focus, and not for who wants no motion."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import visitor
from tests.e2e.house import House
from tests.e2e.material import publish_clip, run_ffmpeg
from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.settings import Settings
from viewbox.testing.clip import sample_clip

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-main")]

TITLE = "A clip that moves"


@pytest.fixture(scope="module")
def moving(door: House) -> House:
    """A house with one video that has an animated preview."""
    video_id = publish_clip(door, TITLE, sample_clip())
    settings = Settings(data_dir=door.data_dir)
    place = settings.media_dir / video_id / "r1" / "preview.webp"
    source = ("-f", "lavfi", "-i", "testsrc2=size=288x162:rate=6:duration=2")
    run_ffmpeg(*source, "-c:v", "libwebp_anim", "-loop", "0", str(place))
    catalog = Catalog(open_database(settings.database))
    video = catalog.get(video_id)
    assets = {**video.assets, "preview": f"{video_id}/r1/preview.webp"}
    catalog.publish(video_id, revision=1, duration_s=video.duration_s or 1.0, assets=assets, ready=True)
    return door


def shown(page: Page):
    return page.locator(".card", has_text=TITLE).locator("img.card-preview")


def test_it_moves_while_the_mouse_or_the_focus_is_there(browser, moving):
    with visitor(browser) as (page, witness):
        page.emulate_media(reduced_motion="no-preference")
        page.goto(moving.site)
        link = page.get_by_role("link", name=TITLE)
        expect(link).to_be_visible()
        page.wait_for_load_state("networkidle")  # what arrives later may move the card from under the mouse
        expect(shown(page)).to_have_count(0)
        link.hover()
        expect(shown(page)).to_be_visible()
        page.wait_for_function("document.querySelector('img.card-preview')?.naturalWidth === 288")
        page.mouse.move(0, 0)
        expect(shown(page)).to_have_count(0)
        link.focus()
        expect(shown(page)).to_be_visible()
        link.blur()
        expect(shown(page)).to_have_count(0)
        assert not witness.errors


def test_who_wants_no_motion_sees_the_poster(browser, moving):
    asked: list[str] = []
    with visitor(browser) as (page, _):  # who wants no motion, as all of the suite
        page.on("request", lambda request: asked.append(request.url))
        page.goto(moving.site)
        link = page.get_by_role("link", name=TITLE)
        link.hover()
        link.focus()
        expect(page.locator(".card", has_text=TITLE).locator("img")).to_have_count(1)
        assert not [url for url in asked if url.endswith(".webp")]
