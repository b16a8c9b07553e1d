"""The engine's tables are the contract's, empty or not, and every query sees one moment of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from tests.sql.stories import Story
from tests.sql.world import World
from viewbox.engine import open_engine
from viewbox.lake.layout import visible
from viewbox.settings import Settings
from viewbox.tables import TABLES


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("engine"))
    world.video("v", 60)
    context = {"experiment": {"intro": "b"}}
    world.tell(Story("a", context=context).play().watch(20).stall(2).watch(5).pause(3).play().seek(40).watch(5).leave())
    world.settle()
    yield world
    world.close()


def test_an_empty_lake_has_every_table_with_its_columns_and_no_row(tmp_path: Path) -> None:
    tables = open_engine(Settings(data_dir=tmp_path)).tables()
    assert {name: table.column_names for name, table in tables.items()} == {
        name: [column.name for column in table.columns] for name, table in TABLES.items()
    }
    assert {name for name, table in tables.items() if table.num_rows} == {"columns"}


@pytest.mark.parametrize("table", TABLES)
def test_columns_have_the_types_of_the_dictionary(world: World, tmp_path: Path, table: str) -> None:
    for engine in (world.engine, open_engine(Settings(data_dir=tmp_path))):
        described = engine.query(f"DESCRIBE {table}")
        listed = world.rows("SELECT column_name, type FROM columns WHERE table_name = $name", name=table)
        assert list(zip(*described.to_pydict().values(), strict=True)) != []
        assert [(row["column_name"], row["column_type"]) for row in described.to_pylist()] == listed


def test_the_dictionary_says_of_every_column_what_it_means(world: World) -> None:
    assert world.rows("SELECT table_name, column_name FROM columns WHERE meaning IS NULL OR meaning = ''") == []
    assert world.rows("SELECT unit FROM columns WHERE table_name = 'views' AND column_name = 'watch_ms'") == [("ms",)]


def test_the_dictionarys_events_are_the_lakes() -> None:
    for name in ("events", "dead_letters"):
        assert [column.name for column in TABLES[name].columns] == visible(name)


def test_ids_are_text_times_are_utc_and_json_can_be_asked(world: World) -> None:
    table = world.engine.query("SELECT view_id, started_at, dt, experiment->>'intro' AS intro FROM views")
    assert table.schema.field("view_id").type == pa.string()
    assert table.schema.field("started_at").type == pa.timestamp("us", "UTC")
    assert table.schema.field("dt").type == pa.date32()
    assert table["intro"].to_pylist() == ["b"]


def test_seeks_stalls_and_pauses_are_rows_of_their_own(world: World) -> None:
    assert world.rows("SELECT from_s, to_s, wait_ms, cause, counted FROM seeks") == [(25.0, 40.0, 0, "user", True)]
    assert world.rows("SELECT position_s, wait_ms, cause FROM stalls") == [(20.0, 2_000, "network")]
    assert world.rows("SELECT position_s, paused_ms FROM pauses") == [(25.0, 3_000)]


def test_parameters_are_bound_and_never_pasted(world: World) -> None:
    assert world.rows("SELECT count(*) FROM views WHERE video_id = $id", id="' OR 1 = 1 --") == [(0,)]


def test_one_reading_stays_on_its_moment_while_the_lake_moves_on(world: World) -> None:
    with world.engine.reading() as reading:
        before = reading.query("SELECT count(*) AS n FROM events").to_pylist()
        world.tell(Story("later").play().watch(5))
        world.settle()
        assert reading.query("SELECT count(*) AS n FROM events").to_pylist() == before
        assert reading.query("SELECT count(*) AS n FROM views").to_pylist() == [{"n": 1}]
    assert world.rows("SELECT count(*) FROM views") == [(2,)]


def test_a_change_of_the_catalog_shows_at_once(world: World) -> None:
    world.catalog.change("v", title="Renamed", tags=["a", "b"])
    assert world.rows("SELECT title, tags FROM videos") == [("Renamed", ["a", "b"])]


def test_threads_share_an_engine(world: World) -> None:
    answers: list[list[tuple[int]]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(world.rows("SELECT count(*) FROM seeks"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [[(1,)]] * 8


def test_a_described_engine_carries_the_dictionary_as_comments(tmp_path: Path) -> None:
    engine = open_engine(Settings(data_dir=tmp_path), described=True)
    comments = engine.query(
        "SELECT comment FROM duckdb_columns() WHERE table_name = 'views' AND column_name = 'played'"
    )
    assert comments.to_pylist() == [{"comment": "some playing or interval exists"}]
