"""The executor spreads a full rebuild over processes without changing what comes out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.sql.stories import T0_MS, Story
from tests.sql.world import DAY_MS, World
from viewbox.errors import SetupError
from viewbox.executor import open_executor
from viewbox.rollups import Rollups, full
from viewbox.settings import Settings


def test_answers_come_in_the_order_of_the_items() -> None:
    with open_executor(Settings(executor="process"), items=3) as executor:
        assert list(executor.map(abs, [-3, 2, -1])) == [3, 2, 1]


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core gets no pool")
def test_a_pool_works_in_other_processes() -> None:
    with open_executor(Settings(executor="process"), items=2) as executor:
        assert os.getpid() not in set(executor.map(_process_id, [1, 2]))


def test_an_unknown_executor_is_one_clear_error() -> None:
    with pytest.raises(SetupError, match="VIEWBOX_EXECUTOR"), open_executor(Settings(executor="slurm"), items=2):
        pass


def test_a_rebuild_in_processes_is_the_rebuild(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full, "CHUNK_EVENTS", 1)  # so few events would be one chunk, and one chunk needs no process
    monkeypatch.setattr(full, "CHUNK_VIEWS", 1)
    world = World(tmp_path, now_ms=T0_MS + DAY_MS)
    world.video("v", 60)
    world.tell(*(Story(f"{day}", began_ms=T0_MS - day * DAY_MS).play().watch(30).leave() for day in range(3)))
    world.settle()
    world.maintainer.close()
    tables = ("views", "intervals", "seconds")
    before = [world.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in tables]
    rollups = Rollups(world.settings.model_copy(update={"executor": "process"}), world.catalog, world.clock)
    rollups.full()
    rollups.close()
    assert [world.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in tables] == before
    assert len(before[0]) == 3
    world.close()


def _process_id(_item: int) -> int:
    return os.getpid()
