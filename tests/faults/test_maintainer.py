"""The maintainer as a process: quick, alone, gone with its parent, and not stopped by a bad row or a failing disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.messages import START_MS, NoRollups, door, drain, interval, play, rows, settings_in, wire
from tests.support import until
from viewbox.cli import events as commands
from viewbox.engine import open_engine
from viewbox.lake.table import LakeTable
from viewbox.maintainer import Maintainer, RoleTaken, counters
from viewbox.settings import Settings
from viewbox.spool import Row, Spool

pytestmark = pytest.mark.faults

RECEIVED_MS = START_MS + 60_000


@contextmanager
def child_maintainer(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """What the server starts."""
    environment = {**os.environ, "VIEWBOX_DATA_DIR": str(settings.data_dir)}
    with subprocess.Popen([sys.executable, "-m", "viewbox.maintainer"], env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def running_maintainer(settings: Settings) -> Iterator[None]:
    """A maintainer at work in a thread, as a server's would be."""
    stop = threading.Event()
    with Maintainer(settings) as maintainer:
        thread = threading.Thread(target=maintainer.run_forever, args=(stop,))
        thread.start()
        try:
            until(lambda: maintainer.has_role)
            yield
        finally:
            stop.set()
            thread.join()


def test_an_acked_event_shows_in_sql_and_sigterm_ends_it_cleanly(tmp_path: Path):
    settings = settings_in(tmp_path)
    with child_maintainer(settings) as process, door(settings) as intake:
        intake.accept([wire(play(0), interval(1))], received_at_ms=RECEIVED_MS)
        engine = open_engine(settings)
        until(lambda: engine.query("SELECT 1 FROM views").num_rows == 1, timeout_s=60)
        intake.accept([wire(interval(2), number=1)], received_at_ms=RECEIVED_MS)
        until(lambda: engine.query("SELECT 1 FROM views").num_rows == 2, timeout_s=20)
        process.send_signal(signal.SIGTERM)

        assert process.wait(20) == 0


def test_it_ends_with_its_parent(tmp_path: Path):
    parent = "import subprocess, sys; subprocess.Popen([sys.executable, '-m', 'viewbox.maintainer']); input()"
    environment = {**os.environ, "VIEWBOX_DATA_DIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", parent], env=environment, stdin=subprocess.PIPE) as process:
        until((tmp_path / "index.sqlite").exists, timeout_s=60)
        with Maintainer(settings_in(tmp_path), rollups=NoRollups) as other:
            assert not other.take_role()
            process.kill()

            assert until(other.take_role, timeout_s=30)


def test_one_maintainer_at_a_time(tmp_path: Path):
    settings = settings_in(tmp_path)
    with Maintainer(settings, rollups=NoRollups) as first, Maintainer(settings, rollups=NoRollups) as second:
        first.step()
        with pytest.raises(RoleTaken):
            second.step()
        first.close()
        second.step()


def test_ingest_and_rollup_leave_the_work_to_a_running_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    settings = settings_in(tmp_path / "data")
    monkeypatch.setenv("VIEWBOX_DATA_DIR", str(settings.data_dir))
    path = tmp_path / "events.ndjson"
    path.write_bytes(wire(play(0), interval(1)))
    with running_maintainer(settings):
        commands.ingest([path])
        commands.rollup(full=True)
        views = open_engine(settings).query("SELECT media_s FROM views").to_pylist()

    assert views == [{"media_s": 10.0}]
    assert "received 2\nstored 2\nduplicate 0\ndead_lettered 0\n" in capsys.readouterr().out


def test_the_counters_add_up_at_every_moment(tmp_path: Path):
    settings = settings_in(tmp_path)
    sums: list[dict[str, int]] = []
    with running_maintainer(settings), door(settings) as intake:
        for number in range(30):
            intake.accept([wire(play(0), interval(1), number=number % 20), b"{"], received_at_ms=RECEIVED_MS)
            sums.append(counters(settings))
            assert sums[-1]["received"] == 3 * (number + 1)
        until(lambda: counters(settings)["pending"] == 0)

    for each in sums:
        assert each["received"] == each["stored"] + each["duplicate"] + each["dead_lettered"] + each["pending"]
    assert counters(settings) == {"received": 90, "stored": 40, "duplicate": 20, "dead_lettered": 30, "pending": 0}


@pytest.mark.parametrize("table", ["events", "dead_letters"])
def test_a_lake_that_cannot_be_written_keeps_events_in_the_spool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
):
    settings = settings_in(tmp_path)
    append = LakeTable.append

    def fail(self: LakeTable, rows: pa.Table, **options: Any) -> None:
        if self.name == table:
            raise OSError(28, "No space left on device")
        append(self, rows, **options)

    with door(settings) as intake:
        intake.accept([wire(play(0)), b"{"], received_at_ms=RECEIVED_MS)
        monkeypatch.setattr(LakeTable, "append", fail)
        with pytest.raises(OSError, match="No space"):
            drain(settings)
        assert counters(settings)["pending"] == 2
        monkeypatch.undo()
        drain(settings)

    assert len(rows(settings)) == len(rows(settings, "dead_letters")) == 1
    assert counters(settings) == {"received": 2, "stored": 1, "duplicate": 0, "dead_lettered": 1, "pending": 0}


def test_a_damaged_spool_row_becomes_dead_letters_and_stops_nobody(tmp_path: Path):
    settings = settings_in(tmp_path)
    with Spool(settings.spool_dir) as spool:
        spool.append([Row("events", 2, b"\xc1 damaged"), Row("dead", 1, b"\x00")])
    with door(settings) as intake:
        intake.accept([wire(play(0))], received_at_ms=RECEIVED_MS)
    drain(settings)

    assert [row["code"] for row in rows(settings, "dead_letters")] == ["spool_row_damaged"] * 3
    assert counters(settings) == {"received": 4, "stored": 1, "duplicate": 0, "dead_lettered": 3, "pending": 0}


class Crash(Exception):
    """Where a process would be gone."""


@pytest.mark.parametrize("label", ["synced", "indexed", "rolled_up"])
def test_a_crash_between_lake_and_rollup_is_made_good_by_the_next_step(tmp_path: Path, label: str):
    settings = settings_in(tmp_path)

    def at(passed: str) -> None:
        if passed == label:
            raise Crash

    with door(settings) as intake:
        intake.accept([wire(play(0), interval(1))], received_at_ms=RECEIVED_MS)
    with pytest.raises(Crash), Maintainer(settings, at=at) as maintainer:
        maintainer.step()
    with Maintainer(settings) as maintainer:
        maintainer.step()

    assert open_engine(settings).query("SELECT media_s, events FROM views").to_pylist() == [
        {"media_s": 10.0, "events": 2}
    ]
    assert open_engine(settings).query("SELECT sum(plays) AS plays FROM seconds").to_pylist() == [{"plays": 10}]


def test_without_its_index_everything_is_rebuilt_to_the_same_tables(tmp_path: Path):
    settings = settings_in(tmp_path)
    with door(settings) as intake:
        intake.accept([wire(play(0), interval(1), number=number) for number in range(3)], received_at_ms=RECEIVED_MS)
    with Maintainer(settings) as maintainer:
        maintainer.step()
    before = open_engine(settings).query("SELECT * FROM views ORDER BY view_id").to_pylist()
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    with Maintainer(settings) as maintainer:
        maintainer.step()

    assert len(before) == 3
    assert open_engine(settings).query("SELECT * FROM views ORDER BY view_id").to_pylist() == before
    assert open_engine(settings).query("SELECT sum(plays) AS plays FROM seconds").to_pylist() == [{"plays": 30}]
