"""The full rebuild cuts its work into chunks and takes sorted files as they are; neither changes what comes out."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.sql.stories import T0_MS, Story
from tests.sql.world import DAY_MS, World
from viewbox.lake.files import write_data_file
from viewbox.lake.layout import EVENTS
from viewbox.rollups import Rollups, full
from viewbox.rollups.derive import Models
from viewbox.rollups.published import sorted_places

TABLES = ("views", "intervals", "seconds", "seeks", "pauses")
DAYS = 3


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Five views on each of three days."""
    world = World(tmp_path, now_ms=T0_MS + DAY_MS)
    world.video("v", 60)
    for day in range(DAYS):
        began_ms = T0_MS - day * DAY_MS
        world.tell(*(Story(f"{day}-{n}", began_ms=began_ms).play().watch(30 + n).seek(5).pause(2) for n in range(5)))
    world.settle()
    yield world
    world.close()


def contents(world: World) -> list[list[tuple[object, ...]]]:
    return [world.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in TABLES]


def rebuild(world: World) -> None:
    world.maintainer.close()
    rollups = Rollups(world.settings, world.catalog, world.clock)
    rollups.full()
    rollups.close()


def ledger(world: World) -> dict[str, list[tuple[object, ...]]]:
    """What it holds of views and lengths, and what follows them."""
    with closing(sqlite3.connect(world.settings.data_dir / "index.sqlite")) as database:
        tables = ("rollup_views", "rollup_reported", "rollup_durations")
        followers = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'rollup_views' ORDER BY name"
        return {name: database.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3").fetchall() for name in tables} | {
            "followers": database.execute(followers).fetchall()
        }


@pytest.mark.parametrize("most", [1, 20, 100, 10_000])
def test_chunks_of_any_size_make_the_same_tables(world: World, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    before = contents(world)
    assert len(before[0]) == 5 * DAYS
    monkeypatch.setattr(full, "CHUNK_EVENTS", most)  # less than a view has, than a day, than all
    monkeypatch.setattr(full, "CHUNK_VIEWS", most)
    rebuild(world)
    assert contents(world) == before


def test_a_rebuild_leaves_the_ledger_as_refreshes_did(world: World) -> None:
    world.tell(*(Story(f"longer-{n}", context={"duration_s": 60.0 + n // 2}).play().watch(9) for n in range(5)))
    world.settle()
    before = ledger(world)
    assert [row[2:] for row in before["rollup_reported"]] == [(60.0, 2), (61.0, 2), (62.0, 1)]
    rebuild(world)
    assert ledger(world) == before


def test_neighbours_are_taken_together_up_to_a_size() -> None:
    assert list(full.together([3, 4, 5, 20, 1, 1], lambda item: item, 8)) == [[3, 4], [5], [20], [1, 1]]
    assert list(full.together([], len, 8)) == []


def test_events_of_a_file_in_any_order_are_derived_in_theirs(world: World, tmp_path: Path) -> None:
    events = world.engine.query("SELECT * FROM events ORDER BY view_id, seq")
    files = {}
    for name, places in (("sorted", list(range(len(events)))), ("shuffled", list(range(len(events))))):
        if name == "shuffled":
            Random(7).shuffle(places)
        rows = events.take(pa.array(places)).append_column("clock_offset_ms", pa.array([0] * len(events), pa.int64()))
        files[name] = tmp_path / f"dt=2026-01-01/{name}.parquet"
        files[name].parent.mkdir(exist_ok=True)
        pq.write_table(rows.select([one for one in EVENTS.names if one != "dt"]), files[name])
    drafts = []
    for path in files.values():
        with Models() as models:
            models.load_range((str(path),), None, in_order=True)
            models.draft()
            drafts.append(models.drafts().sort_by("view_id").to_pylist())
    assert len(drafts[0]) == 5 * DAYS
    assert drafts[1] == drafts[0]


def test_rows_are_sorted_by_what_text_says_and_not_by_when_it_comes() -> None:
    rows = pa.table(
        {"video": ["b", "a", "b", "a", "c"], "n": [2, 9, 1, -3, 0], "real": [False, True, True, True, True]}
    )
    assert sorted_places(rows, ("video", "n")).tolist() == [3, 1, 2, 0, 4]
    assert sorted_places(rows, ("real", "video", "n")).tolist() == [0, 3, 1, 2, 4]


def test_rows_are_sorted_by_numbers_that_do_not_fit_into_one_key() -> None:
    rows = pa.table(
        {
            "day": pa.array([1, 0, 1, 0], pa.date32()),
            "wide": [2**62, -(2**62), -(2**62), 5],
            "more": [2**62, 3, 2**62 - 1, 4],
            "half": [0.5, 0.25, 0.5, 0.125],
        }
    )
    assert sorted_places(rows, ("day", "wide")).tolist() == [1, 3, 2, 0]
    assert sorted_places(rows, ("more", "day")).tolist() == [1, 3, 2, 0]
    assert sorted_places(rows, ("half", "wide")).tolist() == [3, 1, 2, 0]


def test_text_in_codes_is_sorted_and_written_as_the_text_it_stands_for(tmp_path: Path) -> None:
    codes = pa.DictionaryArray.from_arrays(pa.array([2, 0, None, 1], pa.int32()), pa.array(["c", "b", "a", "unused"]))
    rows = pa.table({"video": codes, "dt": pa.array([date(2026, 1, 1)] * 4)})
    assert sorted_places(rows.slice(0, 2), ("video",)).tolist() == [0, 1]
    file = write_data_file(str(tmp_path), date(2026, 1, 1), rows, row_group_rows=2)
    stored = pq.ParquetFile(tmp_path / file.path)
    assert stored.schema_arrow.field("video").type == pa.string()
    assert stored.read()["video"].to_pylist() == ["a", "c", None, "b"]
    assert stored.metadata.num_row_groups == 2
    assert json.loads(file.stats)["minValues"]["video"] == "a"
    assert json.loads(file.stats)["maxValues"]["video"] == "c"
