"""Folding takes away what nobody reads, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from deltalake import DeltaTable

from tests.sql.stories import T0_MS, Story
from tests.sql.world import DAY_MS, World
from viewbox.rollups import Rollups
from viewbox.rollups.compaction import SLACK_ROWS, Extent, needs_folding

TODAY = date(2026, 11, 23)
LONG_AGO = date(2026, 11, 1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, now_ms=T0_MS + 600_000)
    world.video("v", 60)
    yield world
    world.close()


def test_a_partition_is_folded_when_enough_has_come_since_it_was_folded_last() -> None:
    few, many = 1000, 8 * SLACK_ROWS
    assert not needs_folding(Extent(TODAY, few + SLACK_ROWS, 9), few, TODAY)
    assert needs_folding(Extent(TODAY, few + SLACK_ROWS + 1, 9), few, TODAY)
    assert not needs_folding(Extent(TODAY, many + 2 * SLACK_ROWS, 9), many, TODAY)
    assert needs_folding(Extent(TODAY, many + 2 * SLACK_ROWS + 1, 9), many, TODAY)


def test_a_closed_day_is_folded_once_more_and_then_left_alone() -> None:
    assert needs_folding(Extent(LONG_AGO, 50, 2), 0, TODAY)
    assert not needs_folding(Extent(LONG_AGO, 40, 1), 40, TODAY)
    assert not needs_folding(Extent(date(2026, 11, 22), 50, 2), 0, TODAY)  # late events still trickle in


def test_only_the_newest_version_stays_also_of_a_view_that_moved_day(world: World) -> None:
    midnight_ms = T0_MS - T0_MS % DAY_MS
    moved = Story("moved", began_ms=midnight_ms - 1_000).play().watch(30)
    grown = Story("grown").play().watch(20)
    world.send([moved.message(0, 3)], late_ms=5_000)
    world.tell(grown)
    world.settle()
    world.send([moved.message(3)])
    world.send([grown.seek(5).watch(5).leave().message(len(Story("grown").play().watch(20).events))])
    world.settle()
    before = {name: sorted(map(str, table.to_pylist())) for name, table in world.engine.tables().items()}
    stored = _stored(world)
    assert stored["views"] == 5  # two views, two versions each, and again the row that one left on the day before

    world.maintainer.close()
    world.clock.advance(ms=3 * DAY_MS)
    rollups = Rollups(world.settings, world.catalog, world.clock)
    while rollups.keep_house():
        pass
    rollups.close()

    assert {name: sorted(map(str, table.to_pylist())) for name, table in world.engine.tables().items()} == before
    folded = _stored(world)
    assert folded["views"] == 2
    assert folded["intervals"] == len(before["intervals"])
    assert folded["seconds"] == len(before["seconds"]) < stored["seconds"]


def test_refreshing_goes_on_after_folding(world: World) -> None:
    story = Story("a").play().watch(20)
    world.tell(story)
    world.settle()
    world.maintainer.close()
    rollups = Rollups(world.settings, world.catalog, world.clock)
    world.clock.advance(ms=3 * DAY_MS)
    rollups.keep_house()
    rollups.close()
    world.send([story.watch(10).leave().message(len(Story("a").play().watch(20).events))])
    world.settle()
    assert world.rows("SELECT playing_ms, closed_by FROM views") == [(30_000, "view_end")]
    assert world.rows("SELECT sum(plays), count(*) FROM seconds") == [(30, 31)]  # the exit has slice 30 to itself


def _stored(world: World) -> dict[str, int]:
    return {
        name: DeltaTable(f"{world.settings.lake}/{name}").to_pyarrow_dataset().count_rows()
        for name in ("views", "intervals", "seconds")
    }
