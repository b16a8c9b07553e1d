"""The sandbox sees the tables that the engine sees, row for row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from tests.sql.stories import Story
from tests.sql.world import World
from viewbox.sandbox import Limits, run_sql
from viewbox.sandbox.parent import build_request
from viewbox.sandbox.process import run_child


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    world.video("v", 60.0)
    world.tell(
        Story("a", context={"experiment": {"intro": "b"}}).play(0.4).watch(20).stall(2).watch(5).pause(3).leave(),
        Story("b").play().watch(10).seek(40).watch(20).ended().leave(),
    )
    world.settle()
    yield world
    world.close()


@pytest.mark.parametrize("table", ["events", "views", "intervals", "seconds", "seeks", "viewer_videos", "videos"])
def test_a_table_is_the_same_inside(world: World, table: str) -> None:
    sql = f"SELECT * FROM {table} ORDER BY ALL"
    inside = run_sql(world.settings, sql, Limits.of_owner(world.settings)).table
    assert inside.to_pylist() == world.engine.query(sql).to_pylist()


def test_types_are_the_dictionarys(world: World) -> None:
    dictionary = world.rows("SELECT column_name, type FROM columns WHERE table_name = 'views'")
    inside = run_sql(world.settings, "SELECT * FROM views")
    assert [(column.name, column.type) for column in inside.columns] == dictionary


def test_a_column_of_nulls_has_a_plain_type(world: World) -> None:
    columns = run_sql(world.settings, "SELECT NULL AS nothing, [NULL] AS nothings").columns
    assert [(column.name, column.type) for column in columns] == [("nothing", "NULL"), ("nothings", "NULL[]")]


def test_dates_prune_and_json_is_read(world: World) -> None:
    sql = "SELECT count(*) AS n FROM views WHERE dt = DATE '2026-11-23' AND experiment->>'intro' = 'b'"
    assert run_sql(world.settings, sql).table.to_pylist() == [{"n": 1}]


def test_the_newest_events_show_at_once(world: World) -> None:
    world.tell(Story("late").play().watch(5))
    world.settle()
    sql = "SELECT count(*) AS n FROM views"
    assert run_sql(world.settings, sql).table.to_pylist() == [{"n": 3}]


def test_a_file_that_is_gone_is_an_error_without_its_path(world: World) -> None:
    """Compaction may remove a file between the snapshot and the scan."""
    request = build_request(world.settings, "", Limits.of(world.settings))
    gone = {
        name: replace(files, paths=[f"{path}.gone" for path in files.paths]) for name, files in request.datasets.items()
    }
    _, verdict = run_child(replace(request, sql="SELECT count(media_s) FROM views", datasets=gone), 20)
    assert verdict["code"] == "sql_error"
    assert str(world.settings.data_dir) not in verdict["message"]
