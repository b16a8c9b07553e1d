"""A rollup that dies at any one of its commits leaves a lake that the next one finishes, to the same tables."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.commits import PowerCut, watched
from tests.property.lake import contents, open_rollups
from tests.sql.stories import T0_MS, Story
from tests.sql.world import World
from viewbox.engine import open_engine
from viewbox.rollups import Rollups, compaction
from viewbox.tables import TABLES

MIDNIGHT_MS = T0_MS - T0_MS % 86_400_000
NOW_MS = T0_MS + 3 * 86_400_000
RECORDED = {"events", "videos"}
Work = Callable[[Rollups], object]


def refresh(rollups: Rollups) -> None:
    rollups.refresh([story.view_id for story in grown()], now_ms=NOW_MS)


def fold(rollups: Rollups) -> None:
    rollups.keep_house(at_most=9)


def rebuild(rollups: Rollups) -> None:
    rollups.full(now_ms=NOW_MS)


WORKS: dict[str, Work] = {"refresh": refresh, "fold": fold, "rebuild": rebuild}


def grown() -> list[Story]:
    """One view that goes on, one that moves to the day before, one that is new, of a video without a duration."""
    return [
        Story("on").play().watch(30).seek(5).watch(10).leave(),
        Story("moved", began_ms=MIDNIGHT_MS - 1_000).play().watch(20).stall(2).watch(5),
        Story("new", video_id="elsewhere", context={"duration_s": 40.0}).play().watch(12).pause(2).leave(),
    ]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake after one refresh, with events that wait for the next."""
    folder = tmp_path_factory.mktemp("before") / "data"
    world = World(folder, now_ms=NOW_MS)
    world.video("v", 60)
    on, moved, new = grown()
    world.send([on.message(0, 4)])
    world.send([moved.message(0, 4)], late_ms=5_000)
    world.settle()
    for rest in (on.message(4), moved.message(4), new.message()):
        world.send([rest])
    world.maintainer.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rollups, "refresh", lambda *_args, **_kwargs: 0)
        world.settle()  # events only
    world.close()
    return folder


@contextmanager
def copied(before: Path, folder: Path) -> Iterator[World]:
    shutil.copytree(before, folder)
    world = World(folder, now_ms=NOW_MS)
    world.maintainer.close()
    try:
        yield world
    finally:
        world.close()


@pytest.mark.parametrize("work", WORKS)
def test_dying_at_every_place_changes_no_number(
    before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    monkeypatch.setattr(compaction, "SLACK_ROWS", 1)
    with copied(before, tmp_path / "whole") as world:
        old = contents(world)
        if work == "fold":
            with open_rollups(world) as rollups:
                refresh(rollups)
            old = contents(world)
        with watched() as places, open_rollups(world) as rollups:
            opened = places.passed
            WORKS[work](rollups)
        new = contents(world)
        with open_rollups(world) as rollups:
            refresh(rollups)
        finished = contents(world)
        with open_rollups(world) as rollups:
            rebuild(rollups)
        assert contents(world) == finished
    assert places.passed - opened >= {"refresh": 9, "fold": 4, "rebuild": 5}[work]
    assert (new == old) == (work == "fold")

    for fatal in range(opened, places.passed):
        with copied(before, tmp_path / str(fatal)) as world:
            if work == "fold":
                with open_rollups(world) as rollups:
                    refresh(rollups)
            with watched(fatal), pytest.raises(PowerCut), open_rollups(world) as rollups:
                WORKS[work](rollups)
            while_dead = contents(world)
            derived = [name for name in TABLES if name not in RECORDED]
            seen = {name: while_dead[name] for name in derived}
            assert seen in ({name: old[name] for name in derived}, {name: new[name] for name in derived}), fatal
            with open_rollups(world) as rollups:
                refresh(rollups)
            assert contents(world) == finished, fatal
            with open_engine(world.settings).reading() as reading:
                assert reading.snapshot.step > 1
