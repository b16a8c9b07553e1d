"""`viewbox export mart FILE`: all tables and metrics in one DuckDB file that any tool opens, or no file at all."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.sql.stories import Story
from tests.sql.world import World
from viewbox.errors import InvalidInput, ViewBoxError
from viewbox.mart import METRICS, write_mart
from viewbox.metrics import Selection, metrics, run
from viewbox.tables import TABLES, sql_name

EVERY_TABLE = {**TABLES, METRICS.name: METRICS}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two days; one view was reopened by late events, so that its older version lies in the lake as well."""
    world = World(tmp_path_factory.mktemp("world"))
    world.video("v", 60.0)
    world.tell(
        Story("a", context={"experiment": {"intro": "it's b"}}).play(0.4).watch(20).stall(2).watch(5).pause(3).leave(),
        Story("b").play().watch(10).seek(40).watch(20).ended().leave(),
    )
    world.settle()
    late = Story("late").play().watch(5)
    world.tell(late)
    world.settle()
    world.tell(late.watch(25).leave())
    world.settle()
    yield world
    world.close()


@pytest.fixture(scope="module")
def mart(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mart") / "mart.duckdb"
    write_mart(world.settings, path)
    return path


@pytest.fixture
def tool(mart: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """As a BI tool opens it."""
    plain: dict[str, Any] = {"autoload_known_extensions": False, "autoinstall_known_extensions": False}
    with duckdb.connect(str(mart), read_only=True, config=plain) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


@pytest.mark.parametrize("name", [name for name in TABLES if name != "columns"])
def test_a_table_holds_what_the_engine_answers(world: World, tool: duckdb.DuckDBPyConnection, name: str) -> None:
    sql = f"SELECT * FROM {name} ORDER BY ALL"
    assert tool.sql(sql).to_arrow_table().to_pylist() == world.engine.query(sql).to_pylist()


def test_the_newest_version_of_a_view_stands_alone(tool: duckdb.DuckDBPyConnection) -> None:
    assert tool.execute("SELECT count(*), count(DISTINCT view_id) FROM views").fetchall() == [(3, 3)]
    late = "SELECT view_id, media_s FROM views WHERE media_s = 30"  # 5 s, then 25 s more
    assert len(tool.execute(late).fetchall()) == 2  # and `b`: 10 + 20


def test_tables_are_real_typed_and_described(tool: duckdb.DuckDBPyConnection) -> None:
    tables = dict(tool.execute("SELECT table_name, comment FROM duckdb_tables() WHERE NOT temporary").fetchall())
    assert tables == {table.name: f"one row: {table.grain}" for table in EVERY_TABLE.values()}
    found = tool.execute("SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal")
    told = {(table, column): (kind, comment) for table, column, kind, comment in found.fetchall()}
    assert told == {
        (table.name, column.name): (
            sql_name(column),
            f"{column.meaning} [{column.unit}]" if column.unit else column.meaning,
        )
        for table in EVERY_TABLE.values()
        for column in table.columns
    }
    assert all(comment for _, comment in told.values())


def test_columns_describe_every_column_of_the_file(tool: duckdb.DuckDBPyConnection) -> None:
    described = tool.execute("SELECT table_name, column_name, type FROM columns").fetchall()
    there = tool.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
    ).fetchall()
    assert sorted(described) == sorted(there)


def test_metrics_are_those_of_viewbox_metric(world: World, tool: duckdb.DuckDBPyConnection) -> None:
    scalar = [metric for metric in metrics().values() if metric.is_scalar]
    assert len(scalar) > 10
    for metric in scalar:
        (row,) = run(world.engine, metric.name, Selection(video_id="v")).table.to_pylist()
        told = tool.execute(
            "SELECT value, n, ci_low, ci_high, unit, title FROM metrics WHERE metric = ? AND day IS NULL", [metric.name]
        ).fetchall()
        expected = (row[metric.name], row["n"], row.get("ci_low"), row.get("ci_high"), metric.unit, metric.title)
        assert told == ([expected] if row["n"] else []), metric.name
    (days,) = tool.execute(
        "SELECT list((day::VARCHAR, value) ORDER BY day) FROM metrics WHERE metric = 'views' AND day IS NOT NULL"
    ).fetchall()
    assert days == ([("2026-11-23", 3.0)],)


def test_tables_can_be_left_out(world: World, tmp_path: Path) -> None:
    written = write_mart(world.settings, tmp_path / "small.duckdb", without=["events", "metrics"])
    assert set(written.rows) == set(TABLES) - {"events"}
    with duckdb.connect(tmp_path / "small.duckdb", read_only=True) as connection:
        names = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        described = {name for (name,) in connection.execute("SELECT table_name FROM columns").fetchall()}
    assert names == described == set(TABLES) - {"events"}
    with pytest.raises(InvalidInput, match="no table event"):
        write_mart(world.settings, tmp_path / "small.duckdb", without=["event"])


def test_an_empty_lake_gives_an_empty_mart(tmp_path: Path) -> None:
    world = World(tmp_path / "data")
    try:
        written = write_mart(world.settings, tmp_path / "empty.duckdb", without=["metrics"])
    finally:
        world.close()
    assert {name for name, rows in written.rows.items() if rows} == {"columns"}


def test_the_file_is_for_reading_and_old_tools_know_its_format(mart: Path) -> None:
    assert stat.S_IMODE(mart.stat().st_mode) == 0o444
    head = mart.read_bytes()[:20]
    assert (head[8:12], int.from_bytes(head[12:20], "little")) == (b"DUCK", 64)  # the storage of DuckDB 0.10 to 1.x
    assert [path.name for path in mart.parent.iterdir()] == ["mart.duckdb"]


def test_a_mart_is_replaced_and_nothing_else(world: World, tmp_path: Path) -> None:
    target = tmp_path / "mart.duckdb"
    write_mart(world.settings, target, without=["events", "metrics"])
    first = target.stat().st_ino
    write_mart(world.settings, target, without=["events", "metrics"])
    assert target.stat().st_ino != first
    other = tmp_path / "notes.txt"
    other.write_text("my notes, which are long enough")
    for path in (other, tmp_path):
        with pytest.raises(InvalidInput, match="no DuckDB file"):
            write_mart(world.settings, path)
    assert other.read_text() == "my notes, which are long enough"
    with pytest.raises(ViewBoxError, match="cannot write"):
        write_mart(world.settings, tmp_path / "nowhere" / "mart.duckdb")


@pytest.mark.parametrize("moment", ["intervals (", "metrics: completion_rate"])
def test_what_is_broken_off_leaves_the_old_file_and_no_other(
    world: World, mart: Path, tmp_path: Path, moment: str
) -> None:
    class Unwanted(Exception):
        pass

    def stop(_share: float | None, words: str) -> None:
        if words.startswith(moment):
            raise Unwanted

    target = tmp_path / "mart.duckdb"
    target.write_bytes(mart.read_bytes())
    with pytest.raises(Unwanted):
        write_mart(world.settings, target, show=stop)
    assert target.read_bytes() == mart.read_bytes()
    assert list(tmp_path.iterdir()) == [target]


def command(world: World, *arguments: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "viewbox", "export", "mart", *arguments],
        env={**os.environ, "VIEWBOX_DATA_DIR": str(world.settings.data_dir)}, capture_output=True, check=False, **more,
    )  # fmt: skip


def test_the_command_tells_what_it_wrote(world: World, tmp_path: Path) -> None:
    few = ("m.duckdb", "--without", "events", "--without", "metrics")
    done = command(world, *few, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"views 3\n" in done.stdout
    assert b"events" not in done.stdout
    assert b"m.duckdb: " in done.stderr
    told = json.loads(command(world, *few, "--json", cwd=tmp_path).stdout)
    assert (told["file"], told["rows"]["views"]) == ("m.duckdb", 3)
    assert told["bytes"] == (tmp_path / "m.duckdb").stat().st_size
    refused = command(world, "m.duckdb", "--without", "nothing", cwd=tmp_path)
    assert (refused.returncode, b"Traceback" in refused.stderr) == (2, False)


def test_a_killed_command_leaves_no_file(world: World, tmp_path: Path) -> None:
    """SIGTERM and Ctrl-C clean up after themselves; what SIGKILL leaves has a name of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "viewbox", "export", "mart", str(tmp_path / "m.duckdb")],
        env={**os.environ, "VIEWBOX_DATA_DIR": str(world.settings.data_dir)}, stderr=subprocess.DEVNULL,
    ) as running:  # fmt: skip
        while running.poll() is None and not list(tmp_path.iterdir()):
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(0.02)
        running.send_signal(signal.SIGINT)
        running.wait(60)
    assert not list(tmp_path.iterdir()) or running.returncode == 0
