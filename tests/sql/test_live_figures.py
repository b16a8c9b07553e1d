"""Heat is `most_replayed` at 100 slices ÷ its maximum, and zeros where the contract says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_api.live.figures import SLICES, Figures, figures_of
from tests.sql.stories import Story
from tests.sql.world import World
from viewbox.metrics import Selection, run

ZEROS = (0.0,) * SLICES


@pytest.fixture
def world(tmp_path: Path):
    world = World(tmp_path)
    world.video("v", 200.0)  # two seconds a slice
    yield world
    world.close()


def once(number: int) -> Story:
    return Story(f"once-{number}").play().watch(200).leave()


def twice(number: int) -> Story:
    """Watches [40, 80) again, from the end of it."""
    return Story(f"twice-{number}").play().watch(80).seek(40).watch(160).leave()


def figures(world: World) -> Figures:
    world.settle()
    return figures_of(world.engine, "v", "UTC")


def test_nobody_has_come(world):
    assert figures(world) == Figures(0, ZEROS)


def test_below_ten_valid_views_there_is_no_heat(world):
    world.tell(*map(twice, range(9)), Story("short").play().watch(0.5).leave())
    assert figures(world) == Figures(9, ZEROS)


def test_ten_who_watch_nothing_again_make_no_heat(world):
    world.tell(*map(once, range(10)))
    assert figures(world) == Figures(10, ZEROS)


def test_what_everybody_watches_again_is_the_peak_and_the_rest_is_cold(world):
    world.tell(*map(twice, range(6)), *map(once, range(6)))
    found = figures(world)
    assert found.views == 12
    assert {found.heat[slice_] for slice_ in range(22, 38)} == {1.0}, "well inside [40, 80)"
    assert {found.heat[slice_] for slice_ in (*range(18), *range(43, 100))} == {0.0}, "well outside"


def test_it_is_the_metric_resampled_and_divided_by_its_maximum(world):
    world.tell(*map(twice, range(5)), *map(once, range(6)), Story("end").play().seek(150).watch(50).seek(150).watch(50))
    found = figures(world)
    table = run(world.engine, "most_replayed", Selection(video_id="v", params={"points": "100"})).table
    curve = [row["most_replayed"] for row in sorted(table.to_pylist(), key=lambda row: row["from_s"])]
    assert len(curve) == SLICES
    assert found.heat == pytest.approx([value / max(curve) for value in curve], abs=1e-6)
    assert len({round(value, 3) for value in found.heat}) > 3, "two sections of different height and their slopes"
