"""The only door to data: metrics, catalog, sandbox, export. Answers are kept until the lake moves on.

Everything returned is immutable and shared by all sessions, so that ten open pages cost as much as one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from dashboard import keeping, options
from dashboard.question import Question
from dashboard.selection import selection_of
from dashboard.site_api import SiteApi
from viewbox import export, metrics, settings, stories
from viewbox.catalog import Catalog, Video
from viewbox.database import open_database
from viewbox.engine import Engine, Reading, open_engine
from viewbox.metrics.files import parse_metric
from viewbox.metrics.statements import compose_quality
from viewbox.presentation import media_url, video_json
from viewbox.sandbox import SqlResult, run_sql
from viewbox.saved_queries import SavedQueries, SavedQuery
from viewbox.settings import Settings
from viewbox.stories import Finding, Scope

KEPT_PAGES = 64  # pages' answers: a few hundred KB each for the longest videos
VIEWERS_KEPT_S = 2  # as often as the site tells its own pages who watches
HELD_VIEWS = 20_000  # some 100 MB with their intervals; beyond, each query reads the files
HELD_TABLES = ("views", "intervals", "seeks", "stalls", "pauses")
BY_SECOND, RENDITIONS, WORST_SEGMENTS = "by_second", "renditions", "worst_segments"
OWN = (BY_SECOND, RENDITIONS, WORST_SEGMENTS)  # our own queries in a metric's clothes: dashboard/sql/NAME.sql
COMPARE = "compare"

Ask = stories.Ask  # one metric: what its rows are about, per day or whole, and its own parameters
Stamp = tuple[int, ...]  # two equal stamps answer every question alike


class Moment(NamedTuple):
    """What the data are as of."""

    stamp: Stamp
    as_of_ms: int


class Answer(NamedTuple):
    """Rows and the SQL that makes them. `answered_by`: the table that they were read from, where that is known."""

    table: pa.Table
    sql: str
    answered_by: str | None = None
    name: str = ""  # of the metric

    @property
    def rows(self) -> list[dict[str, Any]]:
        return self.table.to_pylist()  # type: ignore[no-any-return]  # pyarrow has no types

    @property
    def row(self) -> dict[str, Any]:
        """The first row, or nothing."""
        return next(iter(self.table.slice(0, 1).to_pylist()), {})


class Answers(NamedTuple):
    """A page's answers, all of one moment. `quality` counts what is missing or odd in the selected views."""

    told: Mapping[Ask, Answer]
    quality: Mapping[str, Any]

    def __call__(self, *asked: Any) -> Answer:
        """The answer to `Ask(*asked)`. Raises KeyError for what was not asked."""
        return self.told[Ask(*asked)]

    @property
    def first(self) -> Answer:
        """The answer to what was asked first."""
        return next(iter(self.told.values()))


@dataclass(frozen=True, slots=True)
class Listed:
    """A video as pages list it."""

    id: str
    title: str
    status: str
    tags: tuple[str, ...]
    duration_s: float | None
    revision: int = 1


@cache
def current_settings() -> Settings:
    """Settings of this process, read once."""
    return settings.load()


def moment() -> Moment:
    """A look at lake and catalog: cheap enough for every few seconds."""
    with _engine().reading() as reading:
        step, as_of_ms = reading.snapshot.step, reading.as_of_ms
    return Moment((step, *_catalog_stamp()), as_of_ms)


class _CatalogStamp:
    """How many videos there are and when one last changed; read anew only where the catalog's rows are others."""

    def __init__(self) -> None:
        self._known: tuple[object, Stamp] = (None, ())

    def __call__(self) -> Stamp:
        rows, (known, stamp) = _catalog().fingerprint(), self._known
        if rows is not known:
            changed = [video.updated_at_ms for video in _catalog().everything()]
            stamp = (len(changed), max(changed, default=0))
            self._known = (rows, stamp)
        return stamp


_catalog_stamp = _CatalogStamp()


def warm_up() -> None:
    """Open lake and catalog and find out what filters offer, so that the first visitor need not wait for it."""
    now = moment()
    filter_options(now.stamp)
    views_by_video(now.stamp)


@keeping.kept(maxsize=KEPT_PAGES)
def answers(question: Question, stamp: Stamp, asks: tuple[Ask, ...]) -> Answers:
    """What a page asks, answered from one moment. Raises InvalidInput for what cannot be asked.

    A page that compares asks for nothing else: its quality facts are of both cohorts.
    """
    del stamp  # it is in the key of the cache: an older answer is never found again
    return _answers(question, asks)


def _answers(question: Question, asks: tuple[Ask, ...]) -> Answers:
    with _engine().reading() as reading:
        _hold(reading, question, asks)
        told = {ask: _answer(reading, question, ask) for ask in dict.fromkeys(asks)}
        first = asks[0] if asks[0].name == COMPARE else Ask("views")
        quality = compose_quality(
            metrics.find_metric(first.name), selection_of(question, first, current_settings().timezone)
        )
        return Answers(told, reading.query_once(quality.sql, quality.values).to_pylist()[0])


def slow_answers(question: Question, stamp: Stamp, asks: tuple[Ask, ...]) -> Answers:
    """As `answers`, for what takes long and changes little: a new stamp waits as long as asking costs too much."""
    return _slow(question, asks)(stamp)


@lru_cache(maxsize=KEPT_PAGES)
def _slow(question: Question, asks: tuple[Ask, ...]) -> keeping.Rationed[Answers]:
    return keeping.Rationed(lambda: _answers(question, asks))


def scope(question: Question, stamp: Stamp, points: int = 0) -> Scope:
    """What there is to look for stories in. `points`: what the page asks its curves with."""
    experiments = tuple(name for name in filter_options(stamp) if name.startswith("experiment."))
    return Scope(current_settings().timezone, question.video_id is not None, points, experiments)


@keeping.kept(maxsize=KEPT_PAGES)
def findings(question: Question, stamp: Stamp, asks: tuple[Ask, ...], about: Scope) -> tuple[Finding, ...]:
    """The stories that a page's data tell, each with a sentence. `asks` are the page's, with `stories.asks(about)`."""
    first = answers(question, stamp, asks).told

    def look(ask: Ask) -> stories.Rows:
        return (first if ask in first else answers(question, stamp, (ask,)).told)[ask].rows

    found = stories.findings(look, about)
    _newest_findings(question, about)[:] = [found]
    return found


def findings_so_far(question: Question, about: Scope) -> tuple[Finding, ...]:
    """What `findings` came to last, perhaps of an older moment: for what must not wait for them."""
    return next(iter(_newest_findings(question, about)), ())


@lru_cache(maxsize=KEPT_PAGES)
def _newest_findings(question: Question, about: Scope) -> list[tuple[Finding, ...]]:
    """One of a question's, or none; replaced in place."""
    del question, about
    return []


def all_metrics() -> Mapping[str, metrics.Metric]:
    """Every metric by name: what its header says."""
    return metrics.metrics()


def find(name: str) -> metrics.Metric:
    """A metric by name, the pages' own queries included. Raises NotFound."""
    return _own(name) if name in OWN else metrics.find_metric(name)


@cache
def metric_columns(name: str) -> tuple[metrics.AnswerColumn, ...]:
    """The columns of a metric's rows: type, unit, meaning."""
    return metrics.answer_columns(_engine(), metrics.find_metric(name))


@lru_cache(maxsize=8)
def views_by_video(stamp: Stamp) -> Mapping[str, int]:
    """Video id -> valid views of all time."""
    return {row["video_id"]: row["views"] for row in answers(Question(), stamp, (Ask("views"),))("views").rows}


@lru_cache(maxsize=8)
def listing(stamp: Stamp) -> tuple[Listed, ...]:
    """All videos, newest first."""
    del stamp
    return tuple(
        Listed(one.id, one.title, one.status, tuple(one.tags), one.duration_s, one.revision)
        for one in reversed(_catalog().everything())
    )


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


def viewers_now() -> Mapping[str, int]:
    """Video id -> views that are watched right now, the most watched first. Raises ViewBoxError without the site.

    The site counts them as events pass its door; the tables learn of them seconds later, too late for a window of 15 s.
    """
    return _viewers_at(int(time.monotonic() / VIEWERS_KEPT_S))


@lru_cache(maxsize=1)
def _viewers_at(tick: int) -> Mapping[str, int]:
    del tick  # ten open pages ask as often as one
    return SiteApi(current_settings()).viewers_now()


@cache
def dictionary() -> Mapping[str, pa.Table]:
    """Table name -> its columns: name, type, unit, meaning; the longest type by the shorter of its names."""
    found = _engine().query(
        "SELECT table_name, column_name AS name, replace(type, 'TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ') AS type,"
        " unit, meaning FROM columns"
    )
    names = list(dict.fromkeys(found.column("table_name").to_pylist()))
    return {name: found.filter(pc.equal(found["table_name"], name)).drop_columns(["table_name"]) for name in names}


def run_analyst_sql(sql: str, watch: Callable[[float | None], None] | None = None) -> SqlResult:
    """A stranger's SQL, in the sandbox. Raises ViewBoxError with a hint, and whatever `watch` raises."""
    return run_sql(current_settings(), sql, watch=watch)


def saved_queries() -> list[SavedQuery]:
    """The installation's saved statements, by name."""
    return _saved().everything()


def save_query(name: str, sql: str) -> SavedQuery:
    """Keep a statement under a name. Raises InvalidInput."""
    return _saved().save(name, sql)


def remove_query(name: str) -> None:
    """Forget a saved statement."""
    _saved().remove(name)


def to_bytes(table: pa.Table, file_format: export.Format) -> bytes:
    """A table as csv, json, parquet or arrow, as every other surface writes it."""
    return export.to_bytes(table, file_format)


def _hold(reading: Reading, question: Question, asks: tuple[Ask, ...]) -> None:
    """Read the files once for all questions of a page, unless the views are too many to keep in memory."""
    of_video = "WHERE video_id = $video_id" if question.video_id is not None else ""
    values = {"video_id": question.video_id} if question.video_id is not None else None
    views = reading.query(f"SELECT count(*) AS n FROM views {of_video}", values).column("n")[0].as_py()  # noqa: S608
    if len(asks) > 1 and views <= HELD_VIEWS:
        reading.hold(HELD_TABLES if question.video_id is not None else ("views",), question.video_id)


def _answer(reading: Reading, question: Question, ask: Ask) -> Answer:
    metric = find(ask.name)
    statement = metrics.compose(metric, selection_of(question, ask, current_settings().timezone))
    return Answer(reading.query(statement.sql, statement.values), metrics.literal_sql(statement), name=ask.name)


@cache
def _own(name: str) -> metrics.Metric:
    return parse_metric(name, (files("dashboard") / "sql" / f"{name}.sql").read_text(encoding="utf-8"))


@cache
def _engine() -> Engine:
    return open_engine(current_settings())


# Stamp -> the values that occur in each filter's dimension, the most frequent first; "" where views have none.
filter_options = keeping.Rationed(lambda: options.look_up(lambda sql, values: _engine().query(sql, values)))


@cache
def _saved() -> SavedQueries:
    return SavedQueries(open_database(current_settings().database))


@cache
def _catalog() -> Catalog:
    return Catalog(open_database(current_settings().database))
