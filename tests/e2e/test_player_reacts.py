"""The player under both Reacts that it is for: drawn, played, changed, taken away, and taken over from a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.host_page import HostPage, build_pages, host_page

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-main")]


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory, film: Path) -> Path:
    """The film's folder, its page built with React 18."""
    folder: Path = tmp_path_factory.mktemp("react-18")
    build_pages(folder, react="18")
    (folder / "film").symlink_to(film / "film")
    return folder


@pytest.fixture(params=["18", "19"])
def host(request: pytest.FixtureRequest, browser: Browser, film: Path) -> Iterator[HostPage]:
    folder = request.getfixturevalue("older") if request.param == "18" else film
    with host_page(browser, folder) as opened:
        assert opened.say("host.react").split(".")[0] == request.param
        yield opened


def test_it_plays_takes_keys_and_new_props_and_leaves_nothing_behind(host: HostPage):
    host.mount()
    host.play_until(0.3)
    expect(host.page.get_by_role("button", name="Pause")).to_be_visible()
    host.page.locator("video").click(position={"x": 40, "y": 40})
    host.wait_for("video.paused")
    host.page.keyboard.press("7")
    host.wait_for("Math.abs(video.currentTime - video.duration * 0.7) < 1")
    host.mount(title="Another name", lang="de")
    expect(host.player).to_have_attribute("aria-label", "Video: Another name")
    expect(host.page.locator(".vb-bar").get_by_role("button", name="Abspielen")).to_be_visible()
    host.say("host.unmount()")
    expect(host.page.locator("video")).to_have_count(0)
    assert host.say("host.handle") is None
    assert host.witness.errors == []


def test_what_a_server_drew_is_taken_over_controls_and_all(host: HostPage):
    host.page.evaluate(
        "(props) => host.hydrate(props)", {"src": "/film/master.m3u8", "title": "A film", "durationS": 60}
    )
    assert host.page.locator(".vb-bar").count() == 1, "the server drew the controls"
    host.play_until(0.3)
    assert host.page.locator(".vb-bar").count() == 1
    assert host.say("host.told") == []
    assert host.witness.errors == []
