"""The only door to data: metrics, tables, catalog, sandbox, export. Answers are kept until the lake moves on.

Everything returned is immutable and shared by all sessions, so that ten open pages cost one query.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from dashboard.question import Question
from viewbox import export, metrics, settings
from viewbox.catalog import Catalog, Video
from viewbox.database import open_database
from viewbox.engine import Engine, open_engine
from viewbox.metrics import MetricResult
from viewbox.metrics.files import parse_metric
from viewbox.presentation import media_url, video_json
from viewbox.sandbox import SqlResult, run_sql
from viewbox.settings import Settings

__all__ = [
    "Answer", "Listed", "MetricResult", "Moment", "SqlResult", "Stamp", "by_second", "current_settings", "dictionary",
    "filter_options", "listing", "metric", "moment", "posters", "row", "rows", "run_analyst_sql", "tables", "to_bytes",
    "video", "views_by_video", "watching_now",
]  # fmt: skip

KEPT_ANSWERS = 512  # some forty per page and set of filters; each is a few KB
WATCHING_S = 60  # an open view that said something in the last minute counts as watched now
FILTER_COLUMNS = (
    "device_type", "browser", "os", "country", "language", "referrer_domain", "source", "player_version",
)  # fmt: skip
MAX_OPTIONS = 200  # values offered per filter, the most frequent first


Stamp = tuple[int, ...]  # two equal stamps answer every question alike


class Moment(NamedTuple):
    """What the data are as of."""

    stamp: Stamp
    as_of_ms: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A video as pages list it."""

    id: str
    title: str
    status: str
    tags: tuple[str, ...]
    duration_s: float | None


@cache
def current_settings() -> Settings:
    """Settings of this process, read once."""
    return settings.load()


def moment() -> Moment:
    """A look at lake and catalog: cheap enough for every few seconds."""
    with _engine().reading() as reading:
        snapshot = reading.snapshot
        as_of_ms = reading.as_of_ms
    changed = [video.updated_at_ms for video in _catalog().everything()]
    return Moment((snapshot.step, len(changed), max(changed, default=0)), as_of_ms)


@lru_cache(maxsize=KEPT_ANSWERS)
def metric(
    name: str,
    question: Question,
    stamp: Stamp,
    *,
    by: str = "video",
    grain: str | None = None,
    params: tuple[tuple[str, str], ...] = (),
) -> MetricResult:
    """One metric's answer as of `stamp`. Raises InvalidInput for what cannot be asked."""
    del stamp  # it is in the key of the cache: an older answer is never found again
    return metrics.run(_engine(), name, _selection(question, by, grain, params))


@lru_cache(maxsize=32)
def by_second(question: Question, stamp: Stamp) -> Answer:
    """Skips, pauses, stalls and exits in each second of one video: our own query in a metric's clothes."""
    del stamp
    text = (files("dashboard") / "sql" / "by_second.sql").read_text(encoding="utf-8")
    selection = _selection(question, "video", None, ())
    statement = metrics.compose(parse_metric("by_second", text), selection)
    return Answer(_engine().query(statement.sql, statement.values), metrics.literal_sql(statement))


class Answer(NamedTuple):
    """Rows and the SQL that makes them."""

    table: pa.Table
    sql: str


def rows(result: MetricResult | Answer) -> list[dict[str, Any]]:
    """A result's rows as dicts."""
    return result.table.to_pylist()  # type: ignore[no-any-return]  # pyarrow has no types


def row(result: MetricResult | Answer) -> dict[str, Any]:
    """The first row, or nothing."""
    found = rows(result)
    return found[0] if found else {}


@lru_cache(maxsize=8)
def filter_options(stamp: Stamp) -> Mapping[str, tuple[str, ...]]:
    """The values that occur in each filter's column, the most frequent first; "" where views have none."""
    del stamp  # it is in the key of the cache
    sets = ", ".join(f"({name})" for name in FILTER_COLUMNS)
    sql = (
        f"SELECT {', '.join(FILTER_COLUMNS)}, grouping({', '.join(FILTER_COLUMNS)}) AS mask, count(*) AS n"  # noqa: S608
        f" FROM views GROUP BY GROUPING SETS ({sets}) ORDER BY n DESC"  # our own column names
    )
    found: dict[str, list[str]] = {name: [] for name in FILTER_COLUMNS}
    for entry in _engine().query(sql).to_pylist():
        for place, name in enumerate(reversed(FILTER_COLUMNS)):
            if not entry["mask"] >> place & 1 and len(found[name]) < MAX_OPTIONS:
                found[name].append(entry[name] or "")
    return {name: tuple(values) for name, values in found.items()}


@lru_cache(maxsize=8)
def listing(stamp: Stamp) -> tuple[Listed, ...]:
    """All videos, newest first."""
    del stamp
    return tuple(
        Listed(one.id, one.title, one.status, tuple(one.tags), one.duration_s)
        for one in reversed(_catalog().everything())
    )


@lru_cache(maxsize=8)
def views_by_video(stamp: Stamp) -> Mapping[str, int]:
    """Video id -> valid views of all time."""
    return {entry["video_id"]: entry["views"] for entry in rows(metric("views", Question(), stamp))}


@lru_cache(maxsize=8)
def posters(stamp: Stamp) -> Mapping[str, str]:
    """Video id -> URL of its poster, where it has one."""
    del stamp
    site_url = current_settings().site_url
    return {
        one.id: media_url(one.assets["poster"], site_url) for one in _catalog().everything() if "poster" in one.assets
    }


def video(video_id: str) -> dict[str, Any] | None:
    """One video as the API shows it, URLs at the site's origin; None when there is no such video."""
    found: Video | None = _catalog().find(video_id)
    if found is None:
        return None
    return video_json(found, _catalog().renditions(video_id), current_settings().site_url)


def watching_now() -> int:
    """Open views with an event in the last minute."""
    table = _engine().query(
        "SELECT count(DISTINCT events.view_id) AS n FROM events JOIN views USING (view_id)"
        " WHERE views.closed_by IS NULL AND NOT coalesce(views.is_bot, false)"
        " AND events.dt >= current_date - 1 AND events.occurred_at > now() - to_seconds($seconds)",
        {"seconds": WATCHING_S},
    )
    return int(table.column("n")[0].as_py())


def tables(sql: str, values: Mapping[str, object] | None = None) -> pa.Table:
    """Rows of our own SELECT over the contract's tables."""
    return _engine().query(sql, values)


@cache
def dictionary() -> Mapping[str, pa.Table]:
    """Table name -> its columns: column, type, unit, meaning."""
    found = _engine().query("SELECT * FROM columns")
    names = list(dict.fromkeys(found.column("table_name").to_pylist()))
    return {name: found.filter(pc.equal(found["table_name"], name)).drop_columns(["table_name"]) for name in names}


def run_analyst_sql(sql: str) -> SqlResult:
    """A stranger's SQL, in the sandbox. Raises ViewBoxError with a hint."""
    return run_sql(current_settings(), sql)


def to_bytes(table: pa.Table, file_format: export.Format) -> bytes:
    """A table as csv, json or parquet, as every other surface writes it."""
    return export.to_bytes(table, file_format)


def _selection(
    question: Question, by: str, grain: str | None, params: tuple[tuple[str, str], ...]
) -> metrics.Selection:
    return metrics.Selection(
        video_id=question.video_id, tag=question.tag, since=question.since, until=question.until, by=by, grain=grain,
        filters=dict(question.filters), params=dict(params), timezone=current_settings().timezone,
    )  # fmt: skip


@cache
def _engine() -> Engine:
    return open_engine(current_settings())


@cache
def _catalog() -> Catalog:
    return Catalog(open_database(current_settings().database))
