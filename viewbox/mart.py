"""`viewbox export mart FILE`: one DuckDB file with every table of the contract and every scalar metric, for BI tools.

Tables are real, typed and described, so a tool needs no extension, no setting and nothing of ViewBox. The file is
written beside its place and renamed: whoever opens it finds all of it, of one moment.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import duckdb

from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.engine.engine import snapshot_database as open_source
from viewbox.engine.snapshot import LakeReader
from viewbox.engine.sources import catalog_sources
from viewbox.errors import InvalidInput, ViewBoxError
from viewbox.lake.durable import sync
from viewbox.metrics import Selection, compose, literal_sql, metrics
from viewbox.metrics.files import Metric
from viewbox.settings import Settings
from viewbox.tables import TABLES, Column, Table, sql_name

STORAGE_VERSION = "v1.0.0"  # read by every DuckDB since; tools carry one of their own
MAGIC, MAGIC_AT = b"DUCK", 8  # what a DuckDB file has after its first checksum
LOOK_EVERY_S = 0.1
READ_ONLY = 0o444
Show = Callable[[float | None, str], None]

METRICS = Table(
    "metrics",
    "metric × video × day; the row without a day is of all time",
    (
        Column("metric", "VARCHAR", "", "name, as in `viewbox metrics`"),
        Column("title", "VARCHAR", "", "its name for people"),
        Column("unit", "VARCHAR", "", "what value is counted in"),
        Column("video_id", "VARCHAR", "", "the video"),
        Column("day", "DATE", "", "day of the views' start in VIEWBOX_TIMEZONE; null: all time. Days do not add up"),
        Column("value", "DOUBLE", "see unit", "the metric; null where it has none"),
        Column("n", "BIGINT", "count", "views, viewers or other things that it is made of"),
        Column("ci_low", "DOUBLE", "see unit", "95 % interval, lower end; null by day, and where the metric has none"),
        Column("ci_high", "DOUBLE", "see unit", "95 % interval, upper end"),
        Column("rule", "VARCHAR", "", "how it counts, in words"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mart:
    """What was written: rows by table, bytes, and the moment that it shows."""

    path: Path
    rows: dict[str, int]
    size_bytes: int
    as_of_ms: int
    took_s: float


def write_mart(settings: Settings, path: Path, *, without: Collection[str] = (), show: Show | None = None) -> Mart:
    """Write the mart to `path`, in place of a mart that is there. Memory stays within `VIEWBOX_SQL_MEMORY`.

    `without` leaves tables out; `show` is called several times a second with the share of the table at hand and its
    name. Raises InvalidInput for a table that does not exist or a file that is something else; ViewBoxError for a
    place that cannot be written.
    """
    began = time.monotonic()
    unknown = sorted(set(without) - {*TABLES, METRICS.name})
    if unknown:
        raise InvalidInput(f"there is no table {unknown[0]}", hint=f"one of {', '.join((*TABLES, METRICS.name))}")
    target = path.resolve()  # a link stays one
    _check_target(target)
    try:
        with _beside(target) as folder:
            unfinished = folder / "mart.duckdb"
            as_of_ms, rows = _fill(settings, unfinished, folder, frozenset(without), show or _unseen)
            sync(unfinished)
            unfinished.chmod(READ_ONLY)
            unfinished.replace(target)
        sync(target.parent)
    except OSError as error:
        raise ViewBoxError(f"cannot write {path}: {error.strerror}", code="unwritable") from error
    except duckdb.IOException as error:
        raise ViewBoxError(f"cannot write {path}: {error}", code="unwritable", hint="is the disk full?") from error
    return Mart(
        path=path, rows=rows, size_bytes=target.stat().st_size, as_of_ms=as_of_ms, took_s=time.monotonic() - began
    )


def _unseen(_share: float | None, _words: str) -> None:
    pass


def _check_target(target: Path) -> None:
    if not target.exists():
        return
    if target.is_file():
        with target.open("rb") as stream:
            head = stream.read(MAGIC_AT + len(MAGIC))
        if not head or head[MAGIC_AT:] == MAGIC:
            return
    raise InvalidInput(f"{target.name} is there and is no DuckDB file", hint="choose another name; it was not touched")


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A folder on the target's file system, gone at the end whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fill(
    settings: Settings, file: Path, folder: Path, without: Collection[str], show: Show
) -> tuple[int, dict[str, int]]:
    """The moment of the snapshot, and rows by table."""
    snapshot = LakeReader(settings.lake).look()
    catalog = catalog_sources(Catalog(open_database(settings.database)))
    with contextlib.closing(open_source(settings.lake, snapshot, catalog)) as connection:
        for setting, value in (
            ("memory_limit", f"{settings.sql_memory}B"), ("temp_directory", str(folder / "spilled")),
            ("preserve_insertion_order", "false"), ("enable_progress_bar", "true"),
            ("enable_progress_bar_print", "false"),
        ):  # fmt: skip
            connection.execute(f"SET {setting} = {_text(value)}")
        connection.execute(f"ATTACH {_text(str(file))} AS mart (STORAGE_VERSION '{STORAGE_VERSION}')")
        rows = {}
        tables = [table for table in (*TABLES.values(), METRICS) if table.name not in without]
        for number, table in enumerate(tables, 1):
            _create(connection, table)
            for what, statement in _inserts(table, without, settings.timezone):
                _run(connection, statement, partial(_tell, show, f"{what} ({number} of {len(tables)})"))
            (counted,) = connection.execute(f"SELECT count(*) FROM mart.{table.name}").fetchall()  # noqa: S608
            rows[table.name] = counted[0]
        _run(connection, "CHECKPOINT mart", partial(_tell, show, "closing the file"))
        connection.execute("DETACH mart")
    return snapshot.as_of_ms, rows


def _create(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """The table, typed and described, without rows."""
    columns = ", ".join(f'"{column.name}" {sql_name(column)}' for column in table.columns)
    connection.execute(f"CREATE TABLE mart.{table.name} ({columns})")
    connection.execute(f"COMMENT ON TABLE mart.{table.name} IS {_text(f'one row: {table.grain}')}")
    for column in table.columns:
        words = f"{column.meaning} [{column.unit}]" if column.unit else column.meaning
        connection.execute(f'COMMENT ON COLUMN mart.{table.name}."{column.name}" IS {_text(words)}')


def _inserts(table: Table, without: Collection[str], timezone: str) -> Iterator[tuple[str, str]]:
    """What is written, and the statement that writes it from the snapshot's views, each in bounded memory."""
    if table is METRICS:
        for metric in metrics().values():
            if metric.is_scalar:
                yield f"metrics: {metric.name}", _metric_insert(metric, Selection(timezone=timezone))
                # An interval of each day of each video would cost more than all else together.
                by_day = _metric_insert(replace(metric, interval=None), Selection(timezone=timezone, grain="day"))
                yield f"metrics: {metric.name} by day", by_day
        return
    listed = ", ".join(map(_text, without)) or "''"
    where = f"WHERE table_name NOT IN ({listed})" if table.name == "columns" else ""
    source = f"memory.main.{table.name}"
    yield table.name, f"INSERT INTO mart.{table.name} SELECT * FROM {source} {where}"  # noqa: S608  # our own names
    if table.name == "columns" and METRICS.name not in without:
        rows = (
            f"('{METRICS.name}', {', '.join(map(_text, (one.name, sql_name(one), one.unit, one.meaning)))})"
            for one in METRICS.columns
        )
        yield table.name, f"INSERT INTO mart.columns VALUES {', '.join(rows)}"  # noqa: S608  # our own names


def _metric_insert(metric: Metric, selection: Selection) -> str:
    """A scalar metric's rows, by video; by day too when the selection has a grain."""
    day = "period" if selection.grain else "NULL"
    low, high = ("ci_low", "ci_high") if metric.interval else ("NULL", "NULL")
    about = ", ".join(map(_text, (metric.name, metric.title, metric.unit)))
    return (
        f"INSERT INTO mart.metrics SELECT {about}, video_id, {day}, {metric.name}, n, {low}, {high},"  # noqa: S608  # our own files
        f" {_text(metric.rule)} FROM (\n{literal_sql(compose(metric, selection))}\n)"
    )


def _tell(show: Show, words: str, share: float | None) -> None:
    show(share, words)


def _run(connection: duckdb.DuckDBPyConnection, statement: str, show: Callable[[float | None], None]) -> None:
    """Execute in a thread, so that progress shows and a Ctrl-C is heard at once."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        done = pool.submit(connection.execute, statement)
        try:
            show(None)
            while not concurrent.futures.wait([done], LOOK_EVERY_S).done:
                percent = connection.query_progress()
                show(percent / 100 if percent > 0 else None)
        except BaseException:
            connection.interrupt()
            raise
    done.result()


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
