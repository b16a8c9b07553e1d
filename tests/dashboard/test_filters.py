"""The shared filter bar over real views: tags, experiments and custom dimensions, in the URL and in the numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.filters import UNKNOWN, label
from tests.dashboard.test_pages import numbers, said
from tests.sql.crowd import ODD_KEY, PEOPLE, world_of

INTRO, PLAN, ODD = "experiment.intro", "custom.plan", f"custom.{ODD_KEY}"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory) -> Path:
    """The crowd's 74 valid views: 68 of the film, which carries a tag, and 6 of the clip."""
    folder: Path = tmp_path_factory.mktemp("crowd")
    world_of(folder).close()
    return folder


def test_keys_that_occur_are_offered_the_most_frequent_first(open_app, crowd):
    app = open_app(crowd, period="All time")
    offered = {box.key: box.options for box in app.multiselect}
    assert offered[INTRO] == ["a", "b", UNKNOWN]  # 24 people each; the 8 who return are all of a
    assert offered[PLAN] == ["pro", "free", UNKNOWN]
    assert offered[ODD] == ["even", "odd"]  # everyone has it, half and half
    assert label(INTRO) == "Experiment intro"


@pytest.mark.parametrize(
    ("link", "views"),
    [
        ({}, "74"),
        ({"tag": "story"}, "68"),
        ({INTRO: "b"}, "24"),
        ({INTRO: ["a", "b"]}, "56"),  # all but the 18 without an intro who started
        ({PLAN: UNKNOWN}, "20"),
        ({ODD: "odd"}, "40"),
        ({"tag": "story", INTRO: "a", PLAN: "pro", "browser": "Firefox"}, "8"),
    ],
)
def test_a_link_carries_every_kind_of_filter(open_app, crowd, link, views):
    app = open_app(crowd, period="All time", **link)
    assert numbers(app)["Views"] == views


def test_what_the_button_hides_is_said(open_app, crowd):
    words = said(open_app(crowd, period="All time", **{INTRO: "b", PLAN: ["pro", UNKNOWN]}))
    assert "Only views with Experiment intro: b · Custom plan: pro or \\(unknown\\)" in words
    assert "Only views with" not in said(open_app(crowd, period="All time"))


def test_a_link_to_a_value_that_nobody_has_finds_nothing_and_says_so(open_app, crowd):
    """It must not silently show everything."""
    for link in ({INTRO: "z"}, {"custom.never-seen": "x"}, {"browser": "Netscape"}):
        app = open_app(crowd, period="All time", **link)
        assert "No views match" in said(app)
        next(button for button in app.button if button.label == "Clear filters").click().run()
        assert numbers(app)["Views"] == "74"


def test_a_chosen_value_narrows_the_page(open_app, crowd):
    app = open_app(crowd, period="All time")
    app.multiselect(key=ODD).set_value(["odd"]).run()
    assert numbers(app)["Views"] == "40"
    assert "Only views with Custom" in said(app)


def test_filters_reach_the_video_page(open_app, crowd):
    app = open_app(crowd, "video", period="All time", video="film", **{INTRO: "b"})
    assert numbers(app)["Views"] == "24"
    app = open_app(crowd, "video", period="All time", video="clip", tag="story")
    assert numbers(app)["Views"] == "6"  # a tag chooses among videos, and this one is chosen
    assert "Only views with" not in said(app)


def test_keys_beyond_what_a_page_may_send_are_no_filters(open_app, crowd):
    app = open_app(crowd, period="All time", **{"custom." + "k" * 257: "x", "custom.": "x", "secret.key": "x"})
    assert numbers(app)["Views"] == "74"
    long = "custom." + "k" * 256
    assert "No views match" in said(open_app(crowd, period="All time", **{long: "x"}))


def test_the_crowd_counts_are_right():
    assert sum(one.intro == "a" for one in PEOPLE) == 24
