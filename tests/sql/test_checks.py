"""The checks find nothing in tables that were made the right way, and each finds what it is there for."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from tests.sql.stories import T0_MS, Story
from tests.sql.world import World
from viewbox.engine.checks import checks

CHECKS = checks()
NOW_MS = T0_MS + 600_000
Row = dict[str, Any]
Change = Callable[[list[Row]], list[Row]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("checks") / "data", now_ms=NOW_MS)
    world.video("v", 60)
    world.video("short", 0.4)
    world.tell(
        Story("a").play().watch(20).stall(2).seek(40).watch(10).pause(3).leave(),
        Story("b").play().watch(60).ended().leave(),
        Story("b again", viewer_id="viewer-b").play().watch(10).seek(0, cause="loop").watch(10).leave(),
        Story("c", video_id="other", context={"synthetic": True}).play().watch(5).seek(0).watch(7),
        Story("d").ask().wait(2).leave(),
        Story("e", video_id="short").play().watch(0.4).seek(0).watch(0.4).seek(0).watch(0.4).ended(),
    )
    world.settle()
    world.clock.advance(s=600)
    world.settle()
    yield world
    world.close()


def first(rows: list[Row], **changed: Any) -> list[Row]:
    return [rows[0] | changed, *rows[1:]]


def of_valid(change: Callable[[Row], Row]) -> Change:
    """Change the first row of a valid view, or of a slice that was played."""

    def apply(rows: list[Row]) -> list[Row]:
        place = next(place for place, row in enumerate(rows) if row.get("is_valid") or row.get("plays"))
        return [*rows[:place], change(rows[place]), *rows[place + 1 :]]

    return apply


# check -> the tables that it must not accept: (which table, what became of its rows)
BREAKS: dict[str, list[tuple[str, Change]]] = {
    "events_are_distinct": [("events", lambda rows: [*rows, rows[0]])],
    "views_are_distinct": [("views", lambda rows: [*rows, rows[0]])],
    "intervals_are_distinct": [("intervals", lambda rows: [*rows, rows[0]])],
    "intervals_belong_to_views": [
        ("intervals", lambda rows: rows[1:]),
        ("intervals", lambda rows: first(rows, wall_ms=rows[0]["wall_ms"] + 1)),
    ],
    "views_are_possible": [
        ("views", lambda rows: first(rows, coverage=1.5)),
        ("views", lambda rows: first(rows, gaps=-1)),
    ],
    "views_hold_every_event": [
        ("events", lambda rows: rows[1:]),
        ("views", lambda rows: rows[1:]),
    ],
    "views_match_their_events": [
        ("views", lambda rows: first(rows, stall_ms=77)),
        ("views", lambda rows: first(rows, ended_at=rows[0]["started_at"])),
    ],
    "views_carry_their_way": [
        ("views", of_valid(lambda row: row | {"stretches": []})),
        ("views", of_valid(lambda row: row | {"seen": row["seen"] + row["seen"]})),
    ],
    "viewer_keys_are_distinct": [("views", lambda rows: first(rows, viewer_id="somebody else"))],
    "viewer_videos_add_up": [
        ("views", lambda rows: [row | {"stretches": []} for row in rows]),
        ("views", of_valid(lambda row: row | {"unique_s": row["unique_s"] + 100.0})),
    ],
    "days_count_views": [("days", lambda rows: first(rows, views=9)), ("days", lambda rows: rows[1:])],
    "seconds_are_possible": [("seconds", lambda rows: first(rows, plays=-2, views=-2, reached=-2))],
    "seconds_count_valid_views": [("seconds", lambda rows: first(rows, starts=rows[0]["starts"] + 1))],
    "seconds_recount": [
        ("seconds", of_valid(lambda row: row | {"plays": row["plays"] + 1})),
        ("seconds", lambda rows: [row | {"skipped": 0} for row in rows]),
        ("seconds", lambda rows: [row for row in rows if row["video_id"] != "short"]),
    ],
}  # fmt: skip
BROKEN = [(check, number) for check, breaks in BREAKS.items() for number in range(len(breaks))]


@pytest.mark.parametrize("check", CHECKS)
def test_tables_of_the_rollup_pass(world: World, check: str) -> None:
    assert world.rows(CHECKS[check]) == []


def test_every_check_is_broken_somewhere() -> None:
    assert BREAKS.keys() == CHECKS.keys()


@pytest.mark.parametrize(("check", "number"), BROKEN, ids=[f"{check}-{number}" for check, number in BROKEN])
def test_broken_tables_do_not(world: World, tmp_path: Path, check: str, number: int) -> None:
    shutil.copytree(world.settings.data_dir, tmp_path / "data")
    broken = World(tmp_path / "data", now_ms=NOW_MS)
    table, change = BREAKS[check][number]
    delta = DeltaTable(f"{broken.settings.lake}/{table}")
    stored = delta.to_pyarrow_dataset().to_table()
    rows = pa.Table.from_pylist(change(stored.to_pylist()), schema=stored.schema)
    write_deltalake(delta, rows, mode="overwrite")
    assert broken.rows(CHECKS[check]) != []
    broken.close()
