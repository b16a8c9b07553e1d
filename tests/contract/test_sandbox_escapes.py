"""More ways out that were tried, ways to take the machine, and a list that a new DuckDB cannot outgrow unseen."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.contract.test_sandbox_attacks import assert_silent_about_host, failure
from tests.servers import Server, running_server
from viewbox.errors import ViewBoxError
from viewbox.sandbox import Limits, run_sql
from viewbox.sandbox.child import open_tables
from viewbox.sandbox.guard import (
    ALLOWED_TABLE_FUNCTIONS,
    REFUSED_FUNCTION,
    SERIALIZE_SQL,
    SYSTEM_VIEWS_SQL,
    Names,
    StatementBroken,
    StatementRefused,
    check,
)
from viewbox.sandbox.parent import ERRORS, build_request
from viewbox.settings import Settings

SMALL = Limits(rows=1000, seconds=3.0, result_bytes=1_000_000, memory_bytes=128 * 1024**2)
MARK = "viewbox_escape"  # every file that an attack would write bears it
LOOKED_AT = Path(__file__).with_name("functions_looked_at.txt")
HONEST = "SELECT count(*) AS n, sum(range) AS s FROM range(4)"

READS = {
    "all CSV readers": "SELECT * FROM read_csv_auto('/etc/passwd')",
    "JSON": "SELECT * FROM read_json('/etc/passwd')",
    "JSON by lines": "SELECT * FROM read_ndjson_objects('/proc/self/environ')",
    "JSON, guessed": "SELECT * FROM read_json_auto('/etc/hostname')",
    "Parquet": "SELECT * FROM read_parquet('/tmp/*.parquet')",
    "Parquet by its other name": "SELECT * FROM parquet_scan('/tmp/*.parquet')",
    "Parquet's schema": "SELECT * FROM parquet_schema('/tmp/x.parquet')",
    "Parquet's keys": "SELECT * FROM parquet_kv_metadata('/tmp/x.parquet')",
    "Parquet's filters": "SELECT * FROM parquet_bloom_probe('/tmp/x.parquet', 'a', 1)",
    "another database": "SELECT * FROM read_duckdb('/tmp/other.duckdb')",
    "a single file": "SELECT * FROM read_single_csv_file('/etc/passwd')",
    "bytes": "SELECT content FROM read_blob(['/etc/shadow', '/etc/passwd'])",
    "a URL": "SELECT * FROM 'https://example.org/x.csv'",
    "a bucket": "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
    "a name in double quotes": 'SELECT * FROM "/etc/passwd"',
    "a name with a schema": "SELECT * FROM main.\"/etc/passwd\"",
    "a file from FROM first": "FROM '/proc/self/maps' SELECT *",
    "a file in TABLE": "TABLE \"/etc/passwd\"",
    "a file in a UNION": "SELECT 1 UNION ALL (SELECT 1 FROM read_text('/etc/passwd'))",
    "a file in HAVING": "SELECT 1 HAVING (SELECT count(*) FROM glob('/*')) > 0",
    "a file in ORDER BY": "SELECT 1 ORDER BY (SELECT content FROM read_text('/etc/passwd'))",
    "a file in LIMIT": "SELECT 1 LIMIT (SELECT count(*) FROM glob('/home/*'))",
    "a file in FILTER": "SELECT count(*) FILTER (WHERE EXISTS (FROM read_text('/etc/passwd'))) FROM views",
    "a file in QUALIFY": "SELECT 1 FROM views QUALIFY EXISTS (FROM read_text('/etc/passwd'))",
    "a file in a lambda": "SELECT list_transform([1], lambda x: (SELECT content FROM read_text('/etc/passwd')))",
    "a file in VALUES": "VALUES ((SELECT content FROM read_text('/etc/passwd')))",
    "a file in UNPIVOT": "UNPIVOT (SELECT * FROM read_csv('/etc/passwd')) ON column0",
    "a file in LATERAL": "SELECT * FROM views, LATERAL (SELECT * FROM read_text('/etc/passwd'))",
    "a file in a recursive WITH": (
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t, glob('/*') WHERE n < 3) SELECT * FROM t"
    ),
    "a method call": "SELECT * FROM ('/etc/passwd').read_text()",
    "letters that look alike": "SELECT * FROM ｒｅａｄ_text('/etc/passwd')",
    "capitals and a comment": "SELECT * FROM /*+ x */ ReAd_TeXt /* y */ ('/etc/passwd')",
    "a line end in a comment": "SELECT 1 -- x\r FROM read_text('/etc/passwd')",
    "a variable of the program": "SELECT * FROM request",
    "a module of the program": "SELECT * FROM pandas_scan(1, 2)",
    "Arrow memory": "SELECT * FROM python_arrow_scan(140000000000, 140000000000, 140000000000)",
    "Python code": "SELECT * FROM python_map_function(1, 2)",
    "a table that a macro names": "SELECT * FROM histogram_values(lake_views, view_id)",
    "a file that a macro names": "SELECT * FROM histogram('/etc/passwd', column0)",
    "a state of one's own making": "SELECT finalize(to_aggregate_state(1))",
}  # fmt: skip

TELLS = {
    "variables": "SELECT getvariable('x')",
    "secrets by path": "SELECT * FROM which_secret('s3://x', 's3')",
    "memory": "SELECT * FROM duckdb_memory()",
    "temporary files": "SELECT * FROM duckdb_temporary_files()",
    "the file cache": "SELECT * FROM duckdb_external_file_cache()",
    "functions": "SELECT * FROM duckdb_functions()",
    "columns of the catalog": "SELECT comment FROM duckdb_columns()",
    "views' own SQL": "SELECT sql FROM duckdb_views()",
    "views' own SQL by name": "SELECT pg_get_viewdef('views')",
    "prepared statements": "SELECT * FROM duckdb_prepared_statements()",
    "the running statement": "SELECT current_query()",
    "the platform": "SELECT * FROM pragma_platform()",
    "the version": "SELECT version()",
    "the user agent": "SELECT * FROM pragma_user_agent()",
    "table information": "SELECT * FROM pragma_table_info('lake_views')",
    "storage": "SELECT * FROM pragma_storage_info('lake_views')",
    "the block size": "SELECT get_block_size('memory')",
    "columns by the standard": "SELECT * FROM information_schema.columns",
    "settings by the standard": "SELECT * FROM pg_catalog.pg_settings",
    "privileges": "SELECT has_table_privilege('views', 'SELECT')",
    "the client's address": "SELECT inet_client_addr()",
    "the plan": "SELECT json_serialize_plan('SELECT 1')",
    "the tree": "SELECT json_serialize_sql('SELECT 1')",
    "an analysed plan": "EXPLAIN ANALYZE SELECT * FROM events",
    "a shown setting": "SHOW threads",
    "a summary": "SUMMARIZE views",
    "a description inside": "SELECT * FROM (DESCRIBE views)",
    "DuckDB's tables as one's own": "WITH duckdb_tables AS (SELECT 1) SELECT * FROM duckdb_tables",
}  # fmt: skip

CHANGES = {
    "COPY from a file": "COPY views FROM '/etc/passwd'",
    "COPY of the database": "COPY FROM DATABASE memory TO other",
    "COPY under EXPLAIN ANALYZE": f"EXPLAIN ANALYZE COPY (SELECT 1) TO '/tmp/{MARK}.csv'",
    "COPY under PREPARE": f"PREPARE p AS COPY (SELECT 1) TO '/tmp/{MARK}.csv'",
    "COPY beside a SELECT": f"SELECT 1; COPY (SELECT 1) TO '/tmp/{MARK}.csv'",
    "COPY in a subquery": f"SELECT * FROM (COPY (SELECT 1) TO '/tmp/{MARK}.csv')",
    "COPY to a program": "COPY (SELECT 1) TO '| id'",
    "EXPORT": f"EXPORT DATABASE '/tmp/{MARK}' (FORMAT parquet)",
    "IMPORT": "IMPORT DATABASE '/tmp'",
    "ATTACH for reading": "ATTACH '/tmp/x.db' AS x (READ_ONLY)",
    "DETACH": "DETACH memory",
    "USE": "USE system.main",
    "a secret": "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "a kept secret": "CREATE PERSISTENT SECRET s (TYPE http)",
    "an extension from elsewhere": "INSTALL x FROM 'http://example.org'",
    "an extension by force": "FORCE INSTALL httpfs",
    "a local setting": "SET SESSION temp_directory = '/tmp'",
    "a setting by PRAGMA": "PRAGMA temp_directory='/tmp'",
    "a variable": "SET VARIABLE x = 1",
    "a log": "CALL enable_logging(storage = 'file')",
    "a line in the log": "SELECT write_log('x')",
    "a profile": f"PRAGMA profiling_output='/tmp/{MARK}.json'",
    "a checkpoint": "FORCE CHECKPOINT",
    "a temporary table": "CREATE TEMP TABLE t AS SELECT 1",
    "a type": "CREATE TYPE mood AS ENUM ('a')",
    "a sequence": "CREATE SEQUENCE s",
    "a table macro": "CREATE MACRO m() AS TABLE SELECT * FROM read_text('/etc/passwd')",
    "a schema": "CREATE SCHEMA s",
    "a view over it": "CREATE OR REPLACE VIEW views AS SELECT 1",
    "a comment": "COMMENT ON VIEW views IS 'x'",
    "an update": "UPDATE views SET media_s = 0",
    "an update inside": "WITH a AS (UPDATE views SET media_s = 0 RETURNING 1) SELECT * FROM a",
    "a merge": "MERGE INTO views USING views AS b ON true WHEN MATCHED THEN DELETE",
    "a transaction": "BEGIN",
    "a pivot, which is two statements": "PIVOT views ON browser USING count(*)",
    "an external resource": "SELECT * FROM register_external_resource('x')",
    "a serialized statement by PRAGMA": "PRAGMA json_execute_serialized_sql('{}')",
    "a wait": "SELECT sleep_ms(100000)",
    "a bracket closed early": f"SELECT 1) AS q); COPY (SELECT 1) TO '/tmp/{MARK}.csv'; SELECT ((1",
    "a comment left open": "SELECT 1 /*",
    "a quote left open": "SELECT 'x",
}  # fmt: skip

ATTACKS = {f"{kind}: {name}": sql for kind, group in (("reads", READS), ("tells", TELLS), ("changes", CHANGES))
           for name, sql in group.items()}  # fmt: skip
THROUGH_THE_PROCESS = list(ATTACKS)[::6]
OVER_HTTP = list(ATTACKS)[::3]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("data"), sample=False)


@pytest.fixture(scope="module")
def locked(settings: Settings) -> Any:
    return open_tables(build_request(settings, "", SMALL))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("attacked"), sql_seconds="3", sql_memory=str(128 * 1024**2)) as running:
        yield running


def assert_no_file_appeared() -> None:
    assert not [*Path("/tmp").glob(f"{MARK}*"), *Path(tempfile.gettempdir()).glob(f"{MARK}*")]


def test_there_are_many() -> None:
    assert len(ATTACKS) >= 100


@pytest.mark.parametrize("sql", ATTACKS.values(), ids=ATTACKS.keys())
def test_refused_by_its_syntax_tree(locked: Any, settings: Settings, sql: str) -> None:
    """Nothing of the statement has run; DuckDB itself reads it, as it will when it runs."""
    serialized = locked.execute(SERIALIZE_SQL, {"sql": sql}).fetchall()[0][0]
    request = build_request(settings, sql, SMALL)
    system = frozenset(name for (name,) in locked.execute(SYSTEM_VIEWS_SQL).fetchall())
    with pytest.raises((StatementRefused, StatementBroken)) as caught:
        check(serialized, Names(frozenset(request.names), system, unlisted=frozenset(request.unlisted)))
    assert_silent_about_host(str(caught.value), settings)


@pytest.mark.parametrize("sql", ATTACKS.values(), ids=ATTACKS.keys())
def test_harmless_where_the_guard_sleeps(settings: Settings, sql: str) -> None:
    """The second wall: the locked connection alone gives away nothing of the machine and writes nothing."""
    if "sleep_ms" in sql or "scan(" in sql:  # waits; reads memory by address: these the guard alone keeps out
        assert REFUSED_FUNCTION.fullmatch("sleep_ms")
        assert not [name for name in ALLOWED_TABLE_FUNCTIONS if "scan" in name]
        return
    with open_tables(build_request(settings, "", SMALL)) as connection:
        try:
            shown = str(connection.execute(sql).fetchmany(50))
        except (duckdb.Error, RuntimeError, AttributeError) as error:  # no rows to fetch is an AttributeError
            shown = str(error)
    assert_silent_about_host(shown, settings)
    assert "root:" not in shown
    assert_no_file_appeared()


@pytest.mark.parametrize("attack", THROUGH_THE_PROCESS)
def test_refused_by_the_process_which_serves_on(settings: Settings, attack: str) -> None:
    error = failure(settings, ATTACKS[attack])
    assert (error.code in {"sql_refused", "sql_error"}, error.http_status) == (True, 400)
    assert_silent_about_host(error.message + error.hint, settings)
    assert_no_file_appeared()
    assert run_sql(settings, HONEST, SMALL).table.to_pylist() == [{"n": 4, "s": 6}]


@pytest.mark.parametrize("attack", OVER_HTTP)
def test_refused_over_http(server: Server, attack: str) -> None:
    answer = server.post("/v1/sql", json_body={"sql": ATTACKS[attack]})
    assert answer.problem() in {(400, "sql_refused"), (400, "sql_error")}
    assert_silent_about_host(answer.text, Settings(data_dir=server.data_dir))
    assert_no_file_appeared()


def test_the_server_serves_on(server: Server) -> None:
    assert server.post("/v1/sql", json_body={"sql": HONEST}).json()["rows"] == [[4, 6]]


BOMBS = {
    "texts": "SELECT string_agg(repeat('x', 1000000), '') FROM range(3000)",
    "padding": "SELECT length(lpad('x', 2000000000, 'y'))",
    "a replaced text": "SELECT length(replace(repeat('a', 50000000), 'a', repeat('b', 1000)))",
    "a list": "SELECT length(list_resize([1], 2000000000, 1))",
    "a range in a list": "SELECT length(range(4000000000))",
    "lists of lists": "SELECT [x, y] FROM (SELECT range(20000) AS x), (SELECT range(20000) AS y), range(100000)",
    "a series": "SELECT count(DISTINCT generate_series) FROM generate_series(1, 4000000000)",
    "a cross join": "SELECT count(*) FROM range(4000000) AS a, range(4000000) AS b WHERE a.range + b.range <> 7",
    "a recursion": "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t",
    "a recursion that doubles": (
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL (SELECT n + 1 FROM t UNION ALL SELECT n + 1 FROM t)) FROM t"
    ),
    "an expression": "SELECT count(*) FROM range(300000000) WHERE regexp_matches(repeat('a', 900), '(a*)*(a*)*b')",
    "a sort": "SELECT md5(range::VARCHAR) AS m FROM range(1000000000) ORDER BY m LIMIT 1 OFFSET 999999999",
    "a result": "SELECT repeat('x', 1000) FROM range(1000)",
    "depth": "SELECT " + "(" * 3000 + "1" + ")" * 3000,
    "depth of subqueries": "SELECT * FROM " + "(SELECT * FROM " * 900 + "range(1)" + ")" * 900,
    "a long sum": "SELECT " + "+".join(["1"] * 50_000),
    "many columns": "SELECT " + ", ".join(["*"] * 3000) + " FROM events",
    "JSON": "SELECT json_extract(repeat('[', 3000000), '$[0][0]')",
    "a factorial": "SELECT sum(length(format('{:>900000000}', range))) FROM range(99)",
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_harms_nobody(settings: Settings, bomb: str) -> None:
    """It ends within its limits, with an answer or a verdict, and the next statement runs."""
    try:
        result = run_sql(settings, BOMBS[bomb], SMALL)
        told, size_bytes = "", result.table.nbytes
    except ViewBoxError as error:
        told, size_bytes, outcome = str(error), 0, error.code
    else:
        outcome = "answered"
    assert outcome in {"answered", *ERRORS}
    assert_silent_about_host(told, settings)
    assert size_bytes <= 1_000_000
    assert run_sql(settings, HONEST, SMALL).table.to_pylist() == [{"n": 4, "s": 6}]
    assert shutil.disk_usage(tempfile.gettempdir()).free > 0


def functions(*kinds: str) -> dict[str, str]:
    """Names of this DuckDB's functions, and the SQL of those that are macros."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT lower(function_name), max(coalesce(macro_definition, '')) FROM duckdb_functions()"
            f" WHERE function_type IN ({listed}) GROUP BY ALL"
        ).fetchall()
    return dict(found)


def test_every_table_function_that_is_not_on_the_list_is_refused(locked: Any, settings: Settings) -> None:
    """All that this DuckDB has: an upgrade that brings another one changes nothing until somebody lists it."""
    request = build_request(settings, "", SMALL)
    names = Names(frozenset(request.names), frozenset())
    every = functions("table", "table_macro")
    assert len(every) > 100
    for name in sorted(set(every) - ALLOWED_TABLE_FUNCTIONS):
        for call in (f'"{name}"()', f"{name.upper()}('/etc/passwd')", f"system.main.{name}(1, 2)"):
            serialized = locked.execute(SERIALIZE_SQL, {"sql": f"SELECT * FROM {call}"}).fetchall()[0][0]
            with pytest.raises((StatementRefused, StatementBroken)):
                check(serialized, names)


def test_allowed_table_functions_read_no_table_by_name() -> None:
    """A macro's body is not looked through: what it reads is decided where it is listed."""
    macros = functions("table_macro", "macro")
    reading = {name for name, body in macros.items() if " from " in body.lower()}
    assert not reading & ALLOWED_TABLE_FUNCTIONS
    assert all(REFUSED_FUNCTION.fullmatch(name) or name in functions("table_macro") for name in reading)


def test_every_function_was_looked_at() -> None:
    """A function of a newer DuckDB is refused (guard.py) or read about and added to the file; it does not slip in."""
    looked_at = set(LOOKED_AT.read_text(encoding="utf-8").split())
    there = {
        name.replace(" ", "_") for name in functions("scalar", "aggregate", "macro", "window") if name[0].isalpha()
    }
    new = {name for name in there if not name.startswith(("collate_", "icu_collate_"))} - looked_at
    assert not {name for name in new if not REFUSED_FUNCTION.fullmatch(name)}
