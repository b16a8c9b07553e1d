"""A rollup that dies between two tables is finished by the next one; readers see whole steps only."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.sql.stories import T0_MS, Story
from tests.sql.world import World
from viewbox.engine import open_engine
from viewbox.lake.layout import EVENTS
from viewbox.lake.table import LakeTable
from viewbox.rollups import Rollups, compaction
from viewbox.rollups.published import DERIVED_TABLES, Published
from viewbox.tables import TABLES

MINUTE_MS = 60_000


class PowerCut(BaseException):
    """Nobody catches it."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, now_ms=T0_MS + 10 * MINUTE_MS)
    world.video("v", 60)
    yield world
    world.close()


def story(name: str, media: float = 30) -> Story:
    return Story(name).play().watch(media).seek(5).watch(10).pause(2)


def contents(world: World) -> dict[str, list[str]]:
    return {name: sorted(map(str, table.to_pylist())) for name, table in world.engine.tables().items()}


@contextmanager
def dying_at(method: str, table: str | None = None) -> Iterator[None]:
    """Let `Published.<method>` fail, for one table or all."""
    original: Callable[..., Any] = getattr(Published, method)

    def dying(self: Published, *args: Any) -> Any:
        if table is None or args[0] == table:
            raise PowerCut
        return original(self, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Published, method, dying)
        with pytest.raises(PowerCut):
            yield


@pytest.mark.parametrize(
    ("method", "table"),
    [*(("append", name) for name in DERIVED_TABLES), ("sync", None)],
    ids=[*(f"before {name}" for name in DERIVED_TABLES), "before sync"],
)
def test_a_step_cut_short_is_finished_with_the_same_result(world: World, method: str, table: str | None) -> None:
    one, two = story("one"), story("two")
    world.tell(one)
    world.settle()
    before = contents(world)
    world.tell(two)
    world.send([one.watch(10).leave().message(len(story("one").events))])
    world.maintainer.close()
    with dying_at(method, table):
        world.settle()
    world.maintainer.close()
    while_dead = contents(world)
    derived = [name for name in TABLES if name != "events"]
    if method == "append":
        assert {name: while_dead[name] for name in derived} == {name: before[name] for name in derived}
    world.settle()
    assert world.rows("SELECT count(*), sum(events) FROM views") == [(2, len(one.events) + len(two.events))]
    finished = contents(world)
    rollups = Rollups(world.settings, world.catalog, world.clock)
    rollups.full()
    rollups.close()
    assert contents(world) == finished


def test_events_that_came_after_a_crash_are_counted_once(world: World) -> None:
    one = story("one")
    world.tell(one)
    with dying_at("append", "intervals"):  # `views` has the step, `intervals` has not
        world.settle()
    world.maintainer.close()
    world.send([one.watch(20).leave().message(len(story("one").events))])
    world.settle()
    assert world.rows("SELECT playing_ms FROM views") == [(60_000,)]
    assert world.rows("SELECT sum(wall_ms) FROM intervals") == [(60_000,)]
    assert world.rows("SELECT sum(plays) FROM seconds") == [(60,)]


def test_folding_after_a_crash_does_not_lose_what_the_unfinished_step_has_to_take_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "SLACK_ROWS", 0)
    one = story("one")
    world.tell(one)
    world.settle()
    world.send([one.watch(20).leave().message(len(story("one").events))])
    with dying_at("append", "days"):  # `views` and `intervals` hold the view twice, `days` and `seconds` as it was
        world.settle()
    world.maintainer.close()
    rollups = Rollups(world.settings, world.catalog, world.clock)
    assert rollups.keep_house() > 0
    rollups.close()
    world.settle()
    assert world.rows("SELECT playing_ms FROM views") == [(60_000,)]
    assert world.rows("SELECT sum(plays), sum(starts) FROM seconds") == [(60, 1)]


def test_a_full_rebuild_cut_short_shows_nothing_of_itself_and_is_done_again(world: World) -> None:
    world.tell(story("one"), story("two"))
    world.settle()
    before = contents(world)
    rollups = Rollups(world.settings, world.catalog, world.clock)
    with dying_at("replace_all", "seconds"):
        rollups.full()
    rollups.close()
    assert contents(world) == before
    again = Rollups(world.settings, world.catalog, world.clock)
    again.refresh([], now_ms=world.clock.now_ms())
    again.close()
    assert contents(world) == before
    with open_engine(world.settings).reading() as reading:
        assert reading.snapshot.step > 2


def test_a_lost_index_is_made_anew_from_the_lake(world: World) -> None:
    world.tell(story("one"), story("two"))
    world.settle()
    before = contents(world)
    world.maintainer.close()
    for path in world.settings.data_dir.glob("index.sqlite*"):
        path.unlink()
    world.settle()
    assert contents(world) == before
    world.tell(story("three"))
    world.settle()
    assert world.rows("SELECT count(*) FROM views") == [(3,)]
    assert world.rows("SELECT sum(starts) FROM seconds") == [(3,)]


def test_one_view_that_cannot_be_derived_does_not_stop_the_others(world: World) -> None:
    world.tell(*(story(f"good-{number}") for number in range(5)))
    bad = story("bad")
    world.tell(bad)
    world.settle()
    _poison(world, bad)
    rollups = Rollups(world.settings, world.catalog, world.clock)
    everyone = [row[0] for row in world.rows("SELECT DISTINCT view_id FROM events")]
    world.clock.advance(s=1)
    assert rollups.refresh(everyone, now_ms=world.clock.now_ms()) == 5
    assert list(rollups.poison()) == [bad.view_id]
    rollups.full()
    assert list(rollups.poison()) == [bad.view_id]
    rollups.close()
    assert world.rows("SELECT count(*), count(*) FILTER (played) FROM views") == [(5, 5)]


def _poison(world: World, bad: Story) -> None:
    """An infinite position, which the door would never let in."""
    first = world.engine.query("SELECT * FROM events WHERE view_id = $view_id AND seq = 0", {"view_id": bad.view_id})
    endless = {"seq": 999, "type": "interval", "from_s": 0.0, "to_s": math.inf, "rate": 1.0, "wall_ms": 1}
    row = first.to_pylist()[0] | endless | {"clock_offset_ms": 0}
    table = LakeTable(world.settings.lake, "events", EVENTS, "dt")
    table.append(pa.Table.from_pylist([row], schema=EVENTS))
