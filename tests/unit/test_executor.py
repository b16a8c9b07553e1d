"""The executor spreads rebuilds and refreshes over processes without changing what comes out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from deltalake import DeltaTable

from tests.sql.stories import T0_MS, Story
from tests.sql.world import DAY_MS, World
from tests.support import until
from viewbox.errors import SetupError
from viewbox.executor import IDLE_S, Workforce, open_executor
from viewbox.maintainer import Maintainer
from viewbox.rollups import Rollups, compaction, full, spread
from viewbox.rollups.published import DERIVED_TABLES
from viewbox.settings import Settings
from viewbox.testing.clock import FakeClock


@pytest.fixture
def several_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of one core gets no pool otherwise."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def test_answers_come_in_the_order_of_the_items() -> None:
    with open_executor(Settings(executor="process"), items=3) as executor:
        assert list(executor.map(abs, [-3, 2, -1])) == [3, 2, 1]


@pytest.mark.usefixtures("several_cores")
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


@pytest.mark.usefixtures("several_cores")
def test_refreshing_and_folding_in_processes_write_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "SLACK_ROWS", 0)
    monkeypatch.setattr(compaction, "POOLED_ROWS", 1)
    monkeypatch.setattr(spread, "POOLED_VIEWS", 1)
    here = _refreshed(tmp_path / "inline", "inline")
    there = _refreshed(tmp_path / "process", "process")
    assert there == here
    assert [len(rows["views"]) for rows in here] == [12, 15, 12]  # three views again, then newest versions alone
    assert [(tmp_path / name / "work").is_dir() for name in ("inline", "process")] == [False, True]  # of the pool


def _refreshed(folder: Path, executor: str) -> list[dict[str, list[str]]]:
    """All stored rows after a first refresh, after a second that brings later events, and after folding."""
    world = World(folder, now_ms=T0_MS + DAY_MS)
    for video in ("u", "v", "w"):
        world.video(video, 60)
    settings = world.settings.model_copy(update={"executor": executor})
    world.maintainer.close()
    world.maintainer = Maintainer(settings, clock=world.clock)
    stories = [
        Story(f"{day}-{video}-{number}", video_id=video, began_ms=T0_MS - day * DAY_MS)
        .play()
        .watch(20)
        .seek(40)
        .watch(9)
        for day in range(2)
        for video in ("u", "v", "w")
        for number in range(2)
    ]
    sent = [len(story.events) for story in stories]
    world.tell(*stories)
    world.settle()
    world.maintainer.close()
    states = [_stored(world)]
    for story, events in zip(stories[:3], sent, strict=False):
        world.send([story.seek(5).watch(10).leave().message(events)])
    world.settle()
    world.maintainer.close()
    states.append(_stored(world))
    rollups = Rollups(settings, world.catalog, world.clock)
    while rollups.keep_house():
        pass
    rollups.close()
    states.append(_stored(world))
    world.close()
    return states


def _stored(world: World) -> dict[str, list[str]]:
    tables = {name: DeltaTable(f"{world.settings.lake}/{name}").to_pyarrow_table() for name in DERIVED_TABLES}
    return {name: sorted(map(str, rows.to_pylist())) for name, rows in tables.items()}


@pytest.mark.usefixtures("several_cores")
def test_a_pool_stays_for_the_next_work_and_leaves_when_there_is_little() -> None:
    clock = FakeClock(0)
    workforce = Workforce(Settings(executor="process"), clock)
    used = []
    for waited_s in (0.0, IDLE_S - 1, IDLE_S + 1):
        with workforce.executor(worth_a_pool=False) as executor:
            assert set(executor.map(_process_id, [1, 2])) == {os.getpid()}
        with workforce.executor(worth_a_pool=True) as executor:
            used.append(executor)
        clock.advance(s=waited_s)
    with workforce.executor(worth_a_pool=False):
        pass
    with workforce.executor(worth_a_pool=True) as executor:
        assert used[0] is used[1] is used[2] is not executor
    workforce.close()


@pytest.mark.usefixtures("several_cores")
def test_a_pool_ends_with_whoever_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "processes"
    program = "from tests.unit.test_executor import tell_and_wait; import sys; tell_and_wait(sys.argv[1])"
    victim = subprocess.Popen([sys.executable, "-c", program, str(told)])
    until(told.exists)
    victim.kill()
    victim.wait()
    worker = int(told.read_text("utf-8"))
    until(lambda: not _runs(worker))


def tell_and_wait(path: str) -> None:
    """Write down a process of the pool, and wait to be killed."""
    with Workforce(Settings(executor="process")).executor(worth_a_pool=True) as executor:
        (worker,) = executor.map(_process_id, [1])
        Path(f"{path}.new").write_text(str(worker), "utf-8")
        Path(f"{path}.new").rename(path)
        signal.pause()


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def _process_id(_item: int) -> int:
    return os.getpid()
