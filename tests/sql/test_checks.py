"""The checks find nothing in tables that were made the right way, and something in those that were not."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from tests.sql.stories import T0_MS, Story
from tests.sql.world import World
from viewbox.engine.checks import checks
from viewbox.lake.layout import EVENTS
from viewbox.lake.table import LakeTable
from viewbox.tables import arrow_schema

CHECKS = checks()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("checks"), now_ms=T0_MS + 600_000)
    world.video("v", 60)
    world.tell(
        Story("a").play().watch(20).stall(2).seek(40).watch(10).pause(3).leave(),
        Story("b").play().watch(60).ended().leave(),
        Story("c", video_id="other").play().watch(5).seek(0).watch(7),
        Story("d").ask().wait(2).leave(),
    )
    world.settle()
    world.clock.advance(s=600)
    world.settle()
    yield world
    world.close()


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Everything appended twice behind the rollup's back, as a second writer would."""
    world = World(tmp_path_factory.mktemp("broken"), now_ms=T0_MS + 600_000)
    world.video("v", 60)
    world.tell(Story("a").play().watch(20).stall(2).watch(5).leave())
    world.settle()
    world.maintainer.close()
    root = world.settings.lake
    for name, schema in (("events", EVENTS), ("intervals", arrow_schema("intervals"))):
        table = LakeTable(root, name, schema, "dt")
        table.append(table.delta.to_pyarrow_dataset().to_table().select(schema.names))
    views = LakeTable(root, "views", arrow_schema("views"), "dt")
    row = views.delta.to_pyarrow_dataset().to_table().to_pylist()[0]
    # Same version: DuckDB shows both; the copy claims what cannot be, and another viewer by the same key.
    views.append(
        pa.Table.from_pylist([row | {"coverage": 1.5, "viewer_id": "somebody else"}], schema=arrow_schema("views"))
    )
    seconds = LakeTable(root, "seconds", arrow_schema("seconds"), "dt")
    gone = seconds.delta.to_pyarrow_dataset().to_table().to_pylist()[0]
    taken = dict.fromkeys(("plays", "views", "reached", "starts"), -2)
    seconds.append(pa.Table.from_pylist([gone | taken], schema=arrow_schema("seconds")))
    yield world
    world.close()


@pytest.mark.parametrize("check", CHECKS)
def test_tables_of_the_rollup_pass(world: World, check: str) -> None:
    assert world.rows(CHECKS[check]) == []


@pytest.mark.parametrize("check", CHECKS)
def test_broken_tables_do_not(broken: World, check: str) -> None:
    assert broken.rows(CHECKS[check]) != []
