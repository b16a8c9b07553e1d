"""The benchmark `pages`: every page is asked about the same days, and each visit can be a new question."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from benchmarks.pages.benchmark import Pages
from benchmarks.pages.questions import World, names, path_of

WORLD = World("v1", date(2026, 10, 26), date(2026, 11, 24))


def asked(page: str, shorter_by: int = 0) -> tuple[str, dict[str, list[str]]]:
    parts = urlsplit(path_of(page, WORLD, shorter_by))
    return parts.path, parse_qs(parts.query)


def test_a_period_ends_with_the_data_and_another_visit_asks_for_another_one():
    path, query = asked("video", 3)
    assert path == "/video"
    assert query == {"video": ["v1"], "period": ["Custom dates"], "dates": ["2026-10-30", "2026-11-24"]}
    assert asked("video", 4)[1]["dates"] == ["2026-10-31", "2026-11-24"]
    assert asked("video", 400)[1]["dates"] == ["2026-11-24", "2026-11-24"]


def test_a_comparison_is_of_two_halves_that_do_not_meet():
    path, query = asked("compare")
    assert path == "/compare"
    assert query["a.dates"] == ["2026-10-27", "2026-11-10"]
    assert query["b.dates"] == ["2026-11-11", "2026-11-24"]


@pytest.mark.parametrize("page", names())
def test_every_page_has_a_link_of_its_own(page):
    assert asked(page)[0] == ("/" if page == "overview" else f"/{page}")


def test_every_page_is_a_ratio_new_and_asked_before_at_each_size():
    figures = Pages(("100M", "1M")).figures
    ratios = [figure.name for figure in figures if figure.unit == "×"]
    assert len(ratios) == len(set(ratios)) == 2 * 2 * len(names())
    assert ratios[0] == "1M: first chart of overview, a new question ÷ empty page"
