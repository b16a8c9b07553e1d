"""`viewbox sql`, `metric`, `metrics` and `viewbox.connect()`: stdout is data, stderr talks, exit 0, 1 or 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import viewbox
from tests.sql.stories import Story
from tests.sql.world import World
from viewbox.sandbox.parent import SqlError, SqlRefused

ODD_KEY = 'a.b "c" d\'é/~'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with three valid views of one video, 20, 30 and 40 s long; the last one is in experiment b."""
    folder = tmp_path_factory.mktemp("data")
    world = World(folder)
    world.video("v", 60.0)
    for length, intro in ((20, "a"), (30, "a"), (40, "b")):
        context = {"experiment": {"intro": intro}, "custom": {ODD_KEY: "yes"}}
        world.tell(Story(f"view-{length}", context=context).play().watch(length).leave())
    world.settle()
    world.close()
    return folder


def viewbox_command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "viewbox", *arguments],
        env={**os.environ, "VIEWBOX_DATA_DIR": str(folder)}, capture_output=True, timeout=60, check=False,
    )  # fmt: skip


def test_sql_writes_csv_when_nobody_watches(folder: Path) -> None:
    done = viewbox_command(folder, "sql", "SELECT media_s, is_valid FROM views ORDER BY media_s")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"media_s,is_valid\r\n20.0,true\r\n30.0,true\r\n40.0,true\r\n"


def test_sql_has_no_row_limit(folder: Path) -> None:
    done = viewbox_command(folder, "sql", "SELECT range AS x FROM range(30000)", "--format", "json")
    assert len(json.loads(done.stdout)) == 30_000


def test_sql_writes_the_format_of_the_files_suffix(folder: Path, tmp_path: Path) -> None:
    done = viewbox_command(folder, "sql", "SELECT 1 AS x", "-o", str(tmp_path / "x.json"))
    assert (done.returncode, done.stdout) == (0, b"")
    assert json.loads((tmp_path / "x.json").read_bytes()) == [{"x": 1}]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (["sql", "SELECT no_such FROM views"], 1, b"no_such"),
        (["sql", "DROP VIEW views"], 1, b"only SELECT"),
        (["sql", "SELECT 1", "-o", "/no/such/folder/x.csv"], 1, b"cannot write"),
        (["sql"], 2, b"--schema"),
        (["sql", "SELECT 1", "--format", "xml"], 2, b"parquet"),
        (["metric", "view"], 2, b"views"),
        (["metric", "views", "--filter", "colour=red"], 2, b"browser"),
        (["metric", "views", "--since", "yesterday"], 2, b"2026-11-23"),
        (["metric", "compare", "--param", "metric=views"], 2, b"needs the parameter a"),
    ],
)
def test_errors_go_to_stderr(folder: Path, arguments: list[str], exit_code: int, words: bytes) -> None:
    done = viewbox_command(folder, *arguments)
    assert (done.returncode, done.stdout) == (exit_code, b"")
    assert words in done.stderr
    assert b"Traceback" not in done.stderr


def test_metric_answers_as_sql_does(folder: Path) -> None:
    done = viewbox_command(folder, "metric", "average_view_duration", "--video", "v", "--json")
    (row,) = json.loads(done.stdout)
    assert (row["video_id"], row["average_view_duration"], row["n"]) == ("v", 30.0, 3)


def test_compare_asks_any_metric_of_two_cohorts(folder: Path) -> None:
    """All three views, 90 s, against the one that began in no language: none."""
    asked = (
        "metric",
        "compare",
        "--param",
        "metric=total_watch_time",
        "--param",
        "a=video_id=v",
        "--param",
        "b=language=de",
    )
    (row,) = json.loads(viewbox_command(folder, *asked, "--json").stdout)
    assert (row["a"], row["b"], row["compare"], row["n_a"], row["n_b"]) == (90.0, 0.0, -90.0, 3, 0)


def test_the_statement_of_a_comparison_runs_in_the_sandbox(folder: Path) -> None:
    asked = ("metric", "compare", "--param", "metric=average_watch_time", "--param", "a=", "--param", "b=source=player")
    statement = viewbox_command(folder, *asked, "--sql").stdout.decode()
    shown = viewbox_command(folder, "sql", statement)
    assert shown.stdout.count(b"\r\n") == 2, shown.stderr
    assert shown.stdout == viewbox_command(folder, *asked).stdout


def test_the_statement_that_a_metric_shows_runs_in_the_sandbox(folder: Path) -> None:
    statement = viewbox_command(folder, "metric", "completion_rate", "--video", "v", "--sql").stdout.decode()
    shown = viewbox_command(folder, "sql", statement).stdout
    assert shown == viewbox_command(folder, "metric", "completion_rate", "--video", "v").stdout
    assert shown.startswith(b"video_id,completion_rate,")


def test_a_notebook_gets_frames(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIEWBOX_DATA_DIR", str(folder))
    with viewbox.connect() as connection:
        assert connection.sql("SELECT count(*) AS n FROM views").rows() == [{"n": 3}]
        cohorts = {"metric": "views", "a": "source=player", "b": "source=file"}
        assert connection.metric("compare", params=cohorts).rows()[0]["compare"] == -3
        answer = connection.metric("views", since="2026-11-01", filters={"source": ["player", "file"]}, by="all")
        assert answer.pl().to_dicts() == answer.df().to_dict("records") == [{"views": 3, "n": 3}]
        assert answer.quality is not None
        assert answer.quality["n_views"] == 3
        assert "views" in connection.tables()


@pytest.mark.parametrize(
    ("filters", "views"),
    [
        ({"experiment.intro": "b"}, 1),
        ({"experiment.intro": ["a", "b"]}, 3),
        ({f"custom.{ODD_KEY}": "yes", "experiment.intro": "a"}, 2),
        ({"custom.plan": ""}, 3),
        ({"custom.plan": "pro"}, 0),
    ],
)
def test_experiments_and_custom_dimensions_filter_alike_in_shell_and_notebook(
    folder: Path, monkeypatch: pytest.MonkeyPatch, filters: dict[str, str | list[str]], views: int
) -> None:
    monkeypatch.setenv("VIEWBOX_DATA_DIR", str(folder))
    with viewbox.connect() as connection:
        assert connection.metric("views", filters=filters, by="all").rows() == [{"views": views, "n": views}]
    pairs = [(key, one) for key, value in filters.items() for one in ([value] if isinstance(value, str) else value)]
    options = [part for key, one in pairs for part in ("--filter", f"{key}={one}")]
    done = viewbox_command(folder, "metric", "views", "--by", "all", "--json", *options)
    assert json.loads(done.stdout) == [{"views": views, "n": views}]


@pytest.mark.parametrize(
    "statement",
    [
        "COPY views TO '{file}'",
        "COPY (SELECT 1) TO '{file}' (FORMAT csv)",
        "WITH a AS (COPY views TO '{file}') SELECT * FROM a",
        "SELECT 1; COPY views TO '{file}'",
        "SELECT 1\0; COPY views TO '{file}'",
        "ATTACH '{file}' AS other",
        "CREATE TABLE mine AS SELECT 1",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SET threads = 1",
    ],
)
def test_a_notebook_reads_and_nothing_else(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setenv("VIEWBOX_DATA_DIR", str(folder))
    file = tmp_path / "out"
    with viewbox.connect() as connection, pytest.raises(SqlRefused):
        connection.sql(statement.replace("{file}", str(file)))
    assert not file.exists()


def test_a_notebook_runs_what_a_metric_shows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIEWBOX_DATA_DIR", str(folder))
    with viewbox.connect() as connection:
        answer = connection.metric("audience_retention", video_id="v")
        assert connection.sql(answer.sql).rows() == answer.rows()
        with pytest.raises(SqlError, match="syntax error"):
            connection.sql("SELECT 1 +")


def test_a_reader_that_stops_early_is_no_error(folder: Path) -> None:
    command = f"{sys.executable} -m viewbox sql 'SELECT * FROM range(500000)' | head -1"
    done = subprocess.run(
        ["/bin/sh", "-c", command], env={**os.environ, "VIEWBOX_DATA_DIR": str(folder)}, capture_output=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (b"range\r\n", b"")
