"""Every page in every state it can be in: brought about for real, photographed four times, none left out."""

from __future__ import annotations

import os

import pytest

from tests.e2e.browser import visitor
from tests.e2e.matrix import CELLS, LEFT_OUT, PAGE, PAGES, PICTURES, RENEW, STATES, states_page
from tests.e2e.pictures import MAX_BYTES, SHOTS, dress, file_name, save
from tests.e2e.scenes import LEVELS, SCENES

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-stage")]
RENEWS = os.environ.get("VIEWBOX_WRITE_STATES") == "1"
BY_LEVEL = sorted(CELLS, key=lambda cell: LEVELS[cell[1]])  # the house is furnished as the states ask for it


def test_no_cell_is_without_a_scene_or_a_reason():
    assert set(SCENES) == set(CELLS)
    assert set(CELLS) | set(LEFT_OUT) == {(page, state) for page in PAGES for state in STATES}
    assert not set(CELLS) & set(LEFT_OUT)


@pytest.mark.parametrize(("page_name", "state"), BY_LEVEL, ids=[f"{page}-{state}" for page, state in BY_LEVEL])
def test_state(page_name, state, stage, browser, tmp_path):
    stage.furnish(LEVELS[state])
    folder = PICTURES if RENEWS else tmp_path
    with visitor(browser) as (page, _):
        SCENES[page_name, state](stage, page)
        for shot in SHOTS:
            dress(page, shot)
            save(page, folder / file_name(page_name, state, shot))


def test_the_page_and_its_pictures_are_in_the_repository():
    if RENEWS:
        PAGE.write_text(states_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == states_page(), f"renew it: {RENEW}"
    wanted = {file_name(page, state, shot) for page, state in CELLS for shot in SHOTS}
    assert {path.name for path in PICTURES.glob("*")} == wanted, f"renew them: {RENEW}"
    assert not [path.name for path in PICTURES.glob("*") if path.stat().st_size > MAX_BYTES]
