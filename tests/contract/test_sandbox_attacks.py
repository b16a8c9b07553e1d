"""What an analyst's statement may not do: read or write files, see settings, environment or user, take the machine."""

from __future__ import annotations

import getpass
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from viewbox.errors import ViewBoxError
from viewbox.sandbox import Limits, run_sql
from viewbox.sandbox.child import ADDRESS_SPACE_BYTES, open_tables
from viewbox.sandbox.guard import Names, StatementBroken, StatementRefused, check
from viewbox.sandbox.parent import SqlError, SqlRefused, build_request
from viewbox.settings import Settings
from viewbox.tables import TABLES

SMALL = Limits(rows=1000, seconds=2.0, result_bytes=1_000_000, memory_bytes=256 * 1024**2)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("data"), sample=False)


def failure(settings: Settings, sql: str, limits: Limits = SMALL) -> ViewBoxError:
    with pytest.raises(ViewBoxError) as caught:
        run_sql(settings, sql, limits)
    return caught.value


REFUSED = {
    "reads a file by name": "SELECT * FROM '/etc/passwd'",
    "reads a text file": "SELECT * FROM read_text('/etc/passwd')",
    "reads a CSV file": "SELECT * FROM read_csv('/etc/passwd')",
    "reads a file in a subquery": "SELECT (SELECT count(*) FROM read_blob('/proc/self/environ'))",
    "reads a file in a join condition": "SELECT * FROM views JOIN range(3) ON EXISTS (FROM read_text('/etc/hosts'))",
    "reads Parquet metadata": "SELECT * FROM parquet_metadata('/tmp/x.parquet')",
    "lists files": "SELECT * FROM glob('/*')",
    "sniffs a file": "SELECT * FROM sniff_csv('/etc/passwd')",
    "writes a file": "COPY (SELECT 1) TO '/tmp/viewbox_attack.csv'",
    "writes a file inside WITH": "WITH a AS (COPY (SELECT 1) TO '/tmp/viewbox_attack.csv') SELECT * FROM a",
    "writes a file in a nested WITH": (
        "SELECT * FROM (WITH a AS (COPY (SELECT 1) TO '/tmp/viewbox_attack.csv') SELECT * FROM a)"
    ),
    "exports the database": "EXPORT DATABASE '/tmp/viewbox_attack'",
    "attaches a database": "ATTACH '/tmp/viewbox_attack.db'",
    "reads settings": "SELECT * FROM duckdb_settings()",
    "reads settings by their view's name": "SELECT * FROM duckdb_settings",
    "reads settings through the schema": "SELECT * FROM system.main.duckdb_settings()",
    "reads settings under a WITH name elsewhere": (
        "SELECT * FROM (WITH duckdb_tables AS (SELECT 1) SELECT 1), duckdb_tables"
    ),
    "reads a setting": "SELECT current_setting('home_directory')",
    "reads a setting in capitals and quotes": "SELECT \"CURRENT_SETTING\"('temp_directory')",
    "reads a setting behind a comment": "SELECT current_setting/* */('secret_directory')",
    "reads a setting in a window": "SELECT sum(1) OVER (ORDER BY current_setting('threads'))",
    "reads the environment": "SELECT getenv('HOME')",
    "reads the environment as a method": "SELECT 'HOME'.getenv()",
    "reads secrets": "SELECT * FROM duckdb_secrets()",
    "reads the log": "SELECT * FROM duckdb_logs",
    "reads the list of extensions": "SELECT install_path FROM duckdb_extensions()",
    "reads the list of databases": "SELECT path FROM duckdb_databases()",
    "reads a pragma": "SELECT * FROM pragma_database_list",
    "reads the catalog of SQLite fame": "SELECT * FROM sqlite_master",
    "reads the information schema": "SELECT * FROM information_schema.tables",
    "reads the PostgreSQL catalog": "SELECT * FROM pg_catalog.pg_class",
    "runs text as SQL": "SELECT * FROM query('SELECT * FROM duckdb_settings()')",
    "reads a table by a computed name": "SELECT * FROM query_table('duckdb_settings')",
    "runs a serialized statement": (
        "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM duckdb_settings()'))"
    ),
    "reads Arrow memory by address": "SELECT * FROM arrow_scan(1, 2, 3)",
    "installs an extension": "INSTALL httpfs",
    "loads an extension": "LOAD '/tmp/evil.duckdb_extension'",
    "changes a setting": "SET enable_external_access = true",
    "unlocks the configuration": "RESET lock_configuration",
    "calls a pragma": "PRAGMA version",
    "calls a function": "CALL pragma_version()",
    "runs two statements": "SELECT 1; SELECT 2",
    "closes the wrapping bracket": (
        "SELECT 1) AS q; COPY (SELECT 1) TO '/tmp/viewbox_attack.csv'; SELECT * FROM (SELECT 1"
    ),
    "makes a table": "CREATE TABLE t AS SELECT 1",
    "makes a macro": "CREATE MACRO f() AS getenv('HOME')",
    "drops a table": "DROP VIEW views",
    "deletes rows": "DELETE FROM views",
    "inserts inside WITH": "WITH a AS (INSERT INTO views SELECT * FROM views RETURNING 1) SELECT * FROM a",
    "shows tables": "SHOW ALL TABLES",
    "explains, and so names files": "EXPLAIN ANALYZE SELECT * FROM views",
    "reads the tables behind the tables": "SELECT * FROM main.touched_views",
}


REAL = (
    "reads a file by name", "reads a text file", "writes a file inside WITH", "reads settings",
    "reads settings by their view's name", "reads a setting in capitals and quotes", "reads the environment",
    "runs text as SQL", "installs an extension", "unlocks the configuration", "runs two statements",
    "closes the wrapping bracket", "deletes rows", "reads the tables behind the tables",
)  # fmt: skip  # these go through the whole of the sandbox; each costs a process


@pytest.fixture(scope="module")
def locked(settings: Settings) -> Any:
    return open_tables(build_request(settings, "", SMALL))


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED.keys())
def test_refused_before_it_runs(sql: str) -> None:
    """By the syntax tree alone: nothing of the statement has run."""
    with duckdb.connect() as connection:
        serialized = connection.execute("SELECT json_serialize_sql($sql)", {"sql": sql}).fetchall()[0][0]
        system = connection.execute("SELECT view_name FROM duckdb_views() WHERE internal").fetchall()
    with pytest.raises((StatementRefused, StatementBroken)):
        check(serialized, Names(frozenset(TABLES), frozenset(name for (name,) in system)))


@pytest.mark.parametrize("attack", REAL, ids=REAL)
def test_refused_by_the_sandbox(settings: Settings, attack: str) -> None:
    error = failure(settings, REFUSED[attack])
    assert error.code in {"sql_refused", "sql_error"}
    assert error.http_status == 400
    assert_silent_about_host(error.message + error.hint, settings)
    assert not list(Path("/tmp").glob("viewbox_attack*"))


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED.keys())
def test_harmless_without_the_guard(locked: Any, sql: str, settings: Settings) -> None:
    """The second wall: the connection alone, as the child opens it, gives away nothing and writes nothing."""
    try:
        shown = str(locked.execute(sql).fetchall())
    except duckdb.Error as error:
        shown = str(error)
    assert_silent_about_host(shown, settings)
    assert "root:" not in shown
    assert not list(Path("/tmp").glob("viewbox_attack*"))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT no_such_column FROM views",
        "SELECT 'abc'::INTEGER",
        "SELECT no_such_function(1)",
        "SELECT * FROM no_such_table",
        "SELECT error('own words')",
        "SELEC 1",
        "SELECT 1 FROM",
        "",
        "-- nothing",
        "SELECT $1",
        "SELECT current_user, current_database(), current_schema(), current_catalog",
    ],
)
def test_no_answer_speaks_of_the_host(settings: Settings, sql: str) -> None:
    try:
        shown = str(run_sql(settings, sql, SMALL).table.to_pylist())
    except (SqlError, SqlRefused) as error:
        shown = error.message + error.hint
    assert_silent_about_host(shown, settings)


def assert_silent_about_host(words: str, settings: Settings) -> None:
    secrets = [str(settings.data_dir), str(Path.home()), str(Path.cwd()), sys.prefix]
    for secret in secrets:
        assert secret not in words
    assert not {getpass.getuser(), os.uname().nodename} & set(re.findall(r"[\w-]+", words))


TOO_MUCH = {
    "a text of 2 GB": "SELECT length(repeat('x', 2000000000))",
    "a billion numbers in a list": "SELECT list(range) FROM range(1000000000)",
    "a table of texts that does not fit": "SELECT count(DISTINCT md5(range::VARCHAR)) FROM range(30000000)",
}


@pytest.mark.parametrize("sql", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_memory_is_bounded(settings: Settings, sql: str) -> None:
    error = failure(settings, sql, Limits(rows=10, seconds=20.0, result_bytes=1_000_000, memory_bytes=64 * 1024**2))
    assert (error.code, error.http_status) == ("sql_too_large", 413)
    assert ADDRESS_SPACE_BYTES == 4 * 1024**3


def test_result_size_is_bounded(settings: Settings) -> None:
    error = failure(settings, "SELECT repeat('x', 2000) FROM range(900)")
    assert (error.code, error.http_status) == ("sql_too_large", 413)


def test_time_is_bounded(settings: Settings) -> None:
    began = time.monotonic()
    sql = "SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE a.range + b.range <> 7"
    error = failure(settings, sql, Limits(rows=10, seconds=0.5, result_bytes=1_000_000, memory_bytes=256 * 1024**2))
    assert (error.code, error.http_status) == ("sql_timeout", 408)
    assert time.monotonic() - began < 10


def test_rows_are_cut_and_said_to_be(settings: Settings) -> None:
    cut = run_sql(settings, "SELECT * FROM range(1001)", SMALL)
    whole = run_sql(settings, "SELECT * FROM range(1000)", SMALL)
    assert (cut.table.num_rows, cut.truncated) == (1000, True)
    assert (whole.table.num_rows, whole.truncated) == (1000, False)


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT 1 AS a; -- and so on", [{"a": 1}]),
        ("WITH a AS (SELECT ';' AS b) SELECT * FROM a", [{"b": ";"}]),
        ("FROM range(2)", [{"range": 0}, {"range": 1}]),
        ("VALUES (1), (2)", [{"col0": 1}, {"col0": 2}]),
        ("SELECT count(*) AS n FROM main.views", [{"n": 0}]),
        ("SELECT json_extract_string('{\"a\": \"b\"}', '$.a') AS x", [{"x": "b"}]),
        (
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT max(n) m FROM t",
            [{"m": 3}],
        ),
        ("SELECT sum(range) AS s FROM range(4)", [{"s": 6}]),
    ],
)
def test_honest_statements_run(settings: Settings, sql: str, rows: list[dict[str, object]]) -> None:
    assert run_sql(settings, sql, SMALL).table.to_pylist() == rows
