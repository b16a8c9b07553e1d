"""Starts the child, hands it the tables of one moment, and takes its result or its verdict."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
import pyarrow as pa

from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.engine.snapshot import LakeReader
from viewbox.engine.sources import LAKE_TABLES, catalog_sources
from viewbox.engine.views import UNLISTED, UNLISTED_EVENTS, view_definitions
from viewbox.errors import Overloaded, ViewBoxError
from viewbox.sandbox.request import LakeFiles, Request
from viewbox.settings import Settings
from viewbox.tables import TABLES, arrow_schema

KILL_AFTER_S = 2.0  # beyond the statement's own limit: DuckDB cannot interrupt a single long scalar call
AT_ONCE = 4  # statements that run side by side in one server; each may take the memory limit
WAIT_FOR_TURN_S = 10.0
MAX_SQL_CHARS = 1_000_000
DATE_IN_PATH = re.compile(r"/dt=(\d{4}-\d{2}-\d{2})/")
_turns = threading.BoundedSemaphore(AT_ONCE)


class SqlRefused(ViewBoxError):
    """The statement is none that the sandbox runs."""

    code = "sql_refused"
    http_status = 400
    hint = "one SELECT over the tables of `viewbox sql --schema`; no files, settings or extensions"


class SqlError(ViewBoxError):
    """The statement is wrong, or failed on its data."""

    code = "sql_error"
    http_status = 400
    hint = "`SELECT * FROM columns` lists every table and column"


class SqlTimeout(ViewBoxError):
    code = "sql_timeout"
    http_status = 408
    hint = "narrow the period or the columns; VIEWBOX_SQL_SECONDS sets the limit"


class SqlTooLarge(ViewBoxError):
    code = "sql_too_large"
    http_status = 413
    hint = "aggregate, or export with `viewbox sql -o FILE`; VIEWBOX_SQL_RESULT_BYTES and _MEMORY set the limits"


ERRORS: dict[str, type[ViewBoxError]] = {error.code: error for error in (SqlRefused, SqlError, SqlTimeout, SqlTooLarge)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a statement may use. None is no limit; memory is always limited."""

    rows: int | None
    seconds: float | None
    result_bytes: int | None
    memory_bytes: int

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits of strangers' statements: `VIEWBOX_SQL_*`."""
        return cls(
            rows=settings.sql_rows, seconds=settings.sql_seconds, result_bytes=settings.sql_result_bytes,
            memory_bytes=settings.sql_memory,
        )  # fmt: skip

    @classmethod
    def of_owner(cls, settings: Settings) -> Limits:
        """The limits of the person at the command line: memory only."""
        return cls(rows=None, seconds=None, result_bytes=None, memory_bytes=settings.sql_memory)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlColumn:
    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlResult:
    """All rows, or the first of them when `truncated`."""

    columns: list[SqlColumn]
    table: pa.Table
    truncated: bool
    elapsed_ms: int


def run_sql(settings: Settings, sql: str, limits: Limits | None = None) -> SqlResult:
    """Run one SELECT over a consistent snapshot of all tables, in a process of its own.

    Raises SqlRefused, SqlError, SqlTimeout, SqlTooLarge; Overloaded when too many statements run already.
    """
    limit = limits or Limits.of(settings)
    if len(sql) > MAX_SQL_CHARS or "\0" in sql:
        raise SqlRefused(f"a statement has at most {MAX_SQL_CHARS} characters, none of them NUL")
    request = build_request(settings, sql, limit)
    with _turn():
        output, verdict = run_child(request, limit.seconds)
    if "code" in verdict:
        raise ERRORS[verdict["code"]](verdict["message"])
    table = pa.ipc.open_stream(output).read_all()
    types = verdict["types"]
    return SqlResult(
        columns=[SqlColumn(name=name, type=kind) for name, kind in zip(table.column_names, types, strict=True)],
        table=table, truncated=verdict["truncated"], elapsed_ms=verdict["elapsed_ms"],
    )  # fmt: skip


def run_child(request: Request, seconds: float | None) -> tuple[bytes, dict[str, Any]]:
    """Stdout and the verdict. A child that dies or overstays has a verdict too."""
    command = [sys.executable, "-I", "-m", "viewbox.sandbox.child"]
    patience = None if seconds is None else seconds + KILL_AFTER_S
    try:
        done = subprocess.run(
            command, input=request.encode(), capture_output=True, timeout=patience, env={"LC_ALL": "C.UTF-8"},
            cwd="/", check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return b"", {"code": "sql_timeout", "message": f"the statement took longer than {seconds:g} s"}
    try:
        verdict: dict[str, Any] = msgspec.json.decode(done.stderr)
    except msgspec.DecodeError:  # the kernel's memory limit ends a process without a word
        return b"", {"code": "sql_too_large", "message": "the statement needs more memory than it may have"}
    return done.stdout, verdict


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=WAIT_FOR_TURN_S):
        raise Overloaded("too many statements run at the moment", hint="try again in a few seconds")
    try:
        yield
    finally:
        _turns.release()


def build_request(settings: Settings, sql: str, limits: Limits) -> Request:
    snapshot = _reader(settings.lake).look()
    tables = {name: _ipc(table) for name, table in catalog_sources(_catalog(settings.database)).items()}
    datasets = {}
    for name in LAKE_TABLES:
        paths = list(snapshot.files.get(name, ()))
        if not paths:
            tables[f"lake_{name}"] = _ipc(arrow_schema(name).empty_table())
            continue
        found = [DATE_IN_PATH.search(path) for path in paths]
        datasets[f"lake_{name}"] = LakeFiles(
            schema=arrow_schema(name).serialize().to_pybytes(), paths=paths,
            dates=[match[1] if match else None for match in found],
        )  # fmt: skip
    return Request(
        sql=sql, rows=limits.rows, seconds=limits.seconds or 0, result_bytes=limits.result_bytes,
        memory_bytes=limits.memory_bytes, threads=2, names=list(TABLES),
        unlisted=[*UNLISTED, *UNLISTED_EVENTS], tables=tables, datasets=datasets,
        views=[statement for statement in view_definitions() if not statement.startswith("COMMENT")],
    )  # fmt: skip


@cache
def _reader(lake: str) -> LakeReader:
    return LakeReader(lake)


@cache
def _catalog(database: str) -> Catalog:
    return Catalog(open_database(database))


def _ipc(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())
