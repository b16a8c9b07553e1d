"""Which views a number is about: period, video or tag, and filters on the dimensions of a view.

`selected_views` turns a Selection into the first CTE of every metric. Names of columns come from the whitelists
below, values travel as bound parameters: nothing a caller writes becomes SQL text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TypeAlias
from zoneinfo import ZoneInfo

from viewbox.errors import InvalidInput

BoundValue: TypeAlias = str | int | float | datetime | None

GRAINS = ("hour", "day", "week", "month")
DIMENSIONS = frozenset({
    "video_id", "revision", "browser", "os", "device_type", "country", "language", "referrer_domain", "player_name",
    "player_version", "autoplay", "viewer_kind", "source", "error_code", "closed_by", "viewer_id", "session_id",
    "view_id",
})  # fmt: skip
NOT_TEXT = frozenset({"revision", "autoplay"})
SINGLE = frozenset({"video_id", "tag", "since", "until", "grain", "by"})
OPEN_DIMENSIONS = ("experiment", "custom")  # JSON columns: any key a page sends is a dimension
SAFE_KEY = re.compile(r"[^\x00-\x1f]{1,256}")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Views with `since <= started_at < until`, of one video or one tag, that match every filter.

    `filters` maps a dimension to the values that it may have ("" stands for unknown). `by` names what rows are
    about: `video` (default), `all`, or a dimension. `grain` adds a column `period`, whose days begin at midnight in
    `timezone`. `params` are the metric's own. Without `intervals` no metric works out its ci_low and ci_high: for lists
    of many things that show none.
    """

    video_id: str | None = None
    tag: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    grain: str | None = None
    by: str = "video"
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "UTC"
    intervals: bool = True

    def __post_init__(self) -> None:
        if self.grain is not None and self.grain not in GRAINS:
            raise InvalidInput(f"grain cannot be {self.grain!r}", hint=f"one of {', '.join(GRAINS)}")
        for moment in (self.since, self.until):
            if moment is not None and moment.tzinfo is None:
                raise InvalidInput("since and until need a time zone", hint="2026-11-23 or 2026-11-23T08:00:00Z")
        for dimension in self.filters:
            dimension_sql(dimension)
        if self.by not in {"video", "all"}:
            dimension_sql(self.by)

    @property
    def is_whole_days(self) -> bool:
        """Whether the rows of `seconds`, which know UTC day and synthetic or not, can answer by video."""
        return self.is_unfiltered_days and self.grain is None and self.by == "video"

    @property
    def is_unfiltered_days(self) -> bool:
        """Whether the rows of `days`, which know UTC day and synthetic or not, hold exactly the selected views."""
        moments = [moment for moment in (self.since, self.until) if moment is not None]
        return all(map(_is_midnight, moments)) and not self.filters


def parse_selection(pairs: Iterable[tuple[str, str]], timezone: str = "UTC") -> Selection:
    """A selection from the pairs of a query string: `video_id`, `tag`, `since`, `until`, `grain`, `by`, `param.NAME`,
    and any dimension, which may repeat. Raises InvalidInput.
    """
    single: dict[str, str] = {}
    filters: dict[str, tuple[str, ...]] = {}
    params: dict[str, str] = {}
    for name, value in pairs:
        if name.startswith("param."):
            params[name.removeprefix("param.")] = value
        elif name in SINGLE:
            if single.setdefault(name, value) != value:
                raise InvalidInput(f"{name} is given twice", hint="one of them")
        else:
            filters[name] = (*filters.get(name, ()), value)
    since, until = (parse_moment(single[name], timezone) if name in single else None for name in ("since", "until"))
    return Selection(
        video_id=single.get("video_id"), tag=single.get("tag"), since=since, until=until, grain=single.get("grain"),
        by=single.get("by", "video"), filters=filters, params=params, timezone=timezone,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class BoundSql:
    """A piece of SQL and the values of its `$parameters`."""

    sql: str
    values: Mapping[str, BoundValue]


def parse_moment(text: str, timezone: str) -> datetime:
    """`2026-11-23` (midnight in `timezone`) or a timestamp with its zone. Raises InvalidInput."""
    try:
        if DATE.fullmatch(text):
            moment = datetime.combine(date.fromisoformat(text), time(), ZoneInfo(timezone))
        else:
            moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise _without_zone(text, moment)
        moment.astimezone(UTC)  # a moment before year 1 or after 9999 in UTC is none that can be asked for
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{text!r} is not a time", hint="2026-11-23 or 2026-11-23T08:00:00Z") from error
    return moment


def _without_zone(text: str, moment: datetime) -> InvalidInput:
    """ISO 8601 has further forms of a date (20261025, 2026-W43-7); the hint is the one that is read here."""
    if "T" not in text and ":" not in text:
        return InvalidInput(f"{text!r} is not a date as it is read here", hint=f"write {moment.date()}")
    return InvalidInput(f"{text!r} has no time zone", hint=f"write {moment.isoformat()}Z for UTC, or a date alone")


def dimension_sql(name: str) -> str:
    """The expression of a dimension over one row of `views`, as text. Raises InvalidInput for any other name."""
    if name in DIMENSIONS:
        return f"views.{name}::VARCHAR" if name in NOT_TEXT else f"views.{name}"
    column, dot, key = name.partition(".")
    if dot and column in OPEN_DIMENSIONS and SAFE_KEY.fullmatch(key):
        return f"json_extract_string(views.{column}, {_quoted(_json_pointer(key))})"
    hint = f"one of {', '.join(sorted(DIMENSIONS))}, experiment.NAME, custom.NAME"
    raise InvalidInput(f"there is no dimension {name!r}", code="unknown_dimension", hint=hint)


def selected_views(selection: Selection) -> BoundSql:
    """The CTE `selected_views`: views that the selection keeps, with `period` and the row label `video_id`.

    They come with their hidden columns: stretches and marks answer for positions without a look at other tables.
    """
    values: dict[str, BoundValue] = {}
    conditions = [*_scope(selection, values), *_filters(selection, values)]
    columns = "views.*, views.video_id AS watched_id"
    if selection.by == "all":
        columns = "views.* REPLACE ('' AS video_id), views.video_id AS watched_id"
    elif selection.by != "video":
        label = f"coalesce({dimension_sql(selection.by)}, '') AS video_id"
        columns = f"views.* REPLACE ({label}), views.video_id AS watched_id"
    where = "\n    WHERE " + "\n      AND ".join(conditions) if conditions else ""
    period = _period(selection.grain, selection.timezone)
    sql = f"SELECT {columns}, {period} AS period\n    FROM {_counted(selection)} AS views{where}"  # noqa: S608  # names from the whitelists above
    return BoundSql(sql, values)


def selected_days(selection: Selection) -> BoundSql:
    """The CTE `selected_days`: rows of `days` that hold the views of a selection with `is_unfiltered_days`."""
    values: dict[str, BoundValue] = {}
    conditions = _subject(selection, values, "days")
    if selection.since is not None:
        values["since"] = selection.since
        conditions.append("days.dt >= ($since::TIMESTAMPTZ AT TIME ZONE 'UTC')::DATE")
    if selection.until is not None:
        values["until"] = selection.until
        conditions.append("days.dt < ($until::TIMESTAMPTZ AT TIME ZONE 'UTC')::DATE")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return BoundSql(f"SELECT * FROM counted_days AS days{where}", values)  # noqa: S608  # our own words


def _scope(selection: Selection, values: dict[str, BoundValue]) -> list[str]:
    """`dt` is the UTC date of `started_at` and part of each file's name: whole days need no look at the times."""
    conditions = []
    if selection.since is not None:
        values["since"] = selection.since
        conditions.append("views.dt >= ($since::TIMESTAMPTZ AT TIME ZONE 'UTC')::DATE")
        if not _is_midnight(selection.since):
            conditions.append("views.started_at >= $since")
    if selection.until is not None:
        values["until"] = selection.until
        until = "($until::TIMESTAMPTZ AT TIME ZONE 'UTC')::DATE"
        conditions.append(f"views.dt < {until}" if _is_midnight(selection.until) else f"views.dt <= {until}")
        if not _is_midnight(selection.until):
            conditions.append("views.started_at < $until")
    return [*conditions, *_subject(selection, values, "views")]


def _subject(selection: Selection, values: dict[str, BoundValue], table: str) -> list[str]:
    """The one video, or the videos of the tag, that the rows of `table` are about."""
    conditions = []
    if selection.video_id is not None:
        values["video_id"] = selection.video_id
        conditions.append(f"{table}.video_id = $video_id")
    if selection.tag is not None:
        values["tag"] = selection.tag
        conditions.append(f"{table}.video_id IN (SELECT video_id FROM videos WHERE list_contains(tags, $tag))")  # noqa: S608  # our own words
    return conditions


def _is_midnight(moment: datetime) -> bool:
    return moment.astimezone(UTC).time() == time()


def _filters(selection: Selection, values: dict[str, BoundValue]) -> list[str]:
    conditions = []
    for dimension, wanted in sorted(selection.filters.items()):
        expression = dimension_sql(dimension)
        names = []
        for value in wanted:
            if value:
                names.append(f"$filter_{len(values)}")
                values[names[-1].removeprefix("$")] = value
        alternatives = [f"{expression} IN ({', '.join(names)})"] if names else []
        if "" in wanted:
            alternatives.append(f"{expression} IS NULL")
        conditions.append(f"({' OR '.join(alternatives)})" if alternatives else "false")
    return conditions


def _counted(selection: Selection) -> str:
    """Synthetic views vanish from a video's numbers once it has a real valid view, in any period, under any filter."""
    return "newest_views" if "synthetic" in selection.filters.get("source", ()) else "counted_views"


def _period(grain: str | None, timezone: str) -> str:
    if grain is None:
        return "NULL::DATE"
    zone = _quoted(timezone)
    if grain == "hour":  # minutes are taken off the instant, so the two 02:00s of an autumn night stay apart
        local = f"(views.started_at AT TIME ZONE {zone})"
        return f"views.started_at - ({local} - date_trunc('hour', {local}))"
    return f"date_trunc('{grain}', views.started_at AT TIME ZONE {zone})::DATE"


def _json_pointer(key: str) -> str:
    """RFC 6901; unlike a `$."…"` path it has no wildcards and takes every key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
