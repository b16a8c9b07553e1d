"""Ten planted stories at three sizes, with seeds drawn at the time of the test: the page names each in a sentence."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.dashboard.test_pages import said
from tests.stories.audiences import Told, bring
from tests.stories.planted import BOTS, FAILURE, Planting, audiences

pytestmark = [
    pytest.mark.timeout(600),  # the first test waits for nine audiences of thousands of views,
    pytest.mark.xdist_group("planted_stories"),  # which are made once
]


class Lake(NamedTuple):
    """A data directory, and who watched what in it."""

    folder: Path
    seed: int
    told: list[tuple[Told, tuple[Planting, ...]]]


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Lake:
    seed = secrets.randbelow(2**30)
    lake = Lake(tmp_path_factory.mktemp("planted"), seed, audiences(seed))
    bring(lake.folder, [one for one, _ in lake.told])
    return lake


def test_every_planted_story_is_named_by_the_page_of_its_video(open_app, planted):
    unsaid = []
    for one, plantings in planted.told:
        words = said(open_app(planted.folder, "video", video=one.video_id))
        unsaid += [(one, planting.story) for planting in plantings if not planting.is_named_in(words)]
        assert "Variant c" not in words, (planted.seed, one)  # twelve views: too few to be named
    assert not unsaid, planted.seed


def test_what_concerns_all_videos_is_said_of_all_of_them(open_app, planted):
    """However small a part of all views it strikes."""
    words = said(open_app(planted.folder))
    assert all(planting.is_named_in(words) for planting in (BOTS, FAILURE)), planted.seed


def test_a_story_shows_the_views_that_it_is_about(open_app, planted):
    app = open_app(planted.folder, "video", video="watched-2")
    (number,) = [at for at, one in enumerate(stories_of(app)) if "Firefox fails to start" in one]
    app.button(key=f"show_story_{number}").click().run()
    assert app.multiselect(key="browser").value == ["Firefox"]
    assert "Only views with Browser: Firefox" in said(app)
    assert "fails to start" not in said(app)  # there is nobody to compare with


def test_the_day_of_the_robots_can_be_shown_alone(open_app, planted):
    app = open_app(planted.folder)
    button = next(one for one in app.button if one.label == "Show" and _day_of(app, one.key))
    button.click().run()
    assert app.selectbox(key="period").value == "Custom dates"


def _day_of(app, key: str) -> bool:
    """Whether the story of this button is that of the robots."""
    return "robot views" in stories_of(app)[int(key.removeprefix("show_story_"))]


def stories_of(app) -> list[str]:
    """The stories of a page in their order: a sentence, then in grey how sure it is."""
    texts = [str(one.value) for one in app.markdown]
    return [text for text in texts if text.startswith("**") and ":gray[" in text]
