"""ClickHouse, in process (chDB), on the raw events: the same answers over the same Parquet files, in its own dialect.

The queries do what those of `duckdb_raw` do, with ClickHouse's own means: -If aggregates, `argMin`, `uniqExact`, frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
from chdb.session import Session

from benchmarks.analytics.duckdb_raw import DT_MARGIN
from benchmarks.analytics.questions import COMPLETED_AT, MAX_POINTS, Question
from benchmarks.analytics.slices import Slices
from viewbox.metrics import Selection

VALID = "NOT max(is_bot) AND sum(wall_ms) >= 1000"
PLAYED = "NOT max(is_bot) AND countIf(type IN ('playing', 'interval')) > 0"
ATTEMPT = "NOT max(is_bot) AND countIf(starts) > 0"
STARTED_US = "min(toUnixTimestamp64Micro(occurred_at) - 1000 * t_ms)"
CLOSED = (
    "(argMax(type, seq) = 'view_end'"
    " OR argMax(toUnixTimestamp64Micro(occurred_at), seq) + 300000000 <= toUnixTimestamp64Micro(now64(6)))"
)
COUNTED = "ifNull(cause IN ('user', 'chapter', 'skip'), true) AND abs(to_s - from_s) > 0.25"
EVENTS = "events"
SETTINGS = {
    "enable_materialized_cte": 1,
    "prefer_column_name_to_alias": 1,  # as other engines read a name
    "join_use_nulls": 1,  # SQL's own outer joins
    "use_hive_partitioning": 1,  # `dt` from the path: partitions are pruned
    "max_bytes_before_external_sort": 4_000_000_000,
    "max_bytes_before_external_group_by": 4_000_000_000,
}


class ClickHouse:
    """The peer; its session stays open between answers."""

    name = "chDB"

    def __init__(self, glob: str, durations: Mapping[str, float], threads: int, scratch: Path) -> None:
        self._durations = durations
        self._session = Session(str(scratch / "chdb"))
        for name, value in {**SETTINGS, "max_threads": threads}.items():
            self._session.query(f"SET {name} = {value}")
        self._session.query("CREATE DATABASE IF NOT EXISTS bench")
        self._session.query("USE bench")
        self._session.query(f"CREATE OR REPLACE VIEW {EVENTS} AS SELECT * FROM file('{glob}', Parquet)")
        self._session.query("CREATE OR REPLACE TABLE videos (video_id String, duration_s Float64) ENGINE = Memory")
        rows = ", ".join(f"('{video_id}', {duration_s!r})" for video_id, duration_s in durations.items())
        self._session.query(f"INSERT INTO videos VALUES {rows}")

    def answer(self, question: Question) -> pa.Table:
        return self._session.query(self.sql(question), "ArrowTable")

    def sql(self, question: Question) -> str:
        """The whole statement."""
        match question.metric:
            case "audience_retention":
                return _retention(question, self._slices(question))
            case "most_replayed":
                return _replays(question, self._slices(question))
            case "skipped_sections":
                return _skips(question, self._slices(question))
            case "drop_offs":
                return _drop_offs(question, self._slices(question))
            case "speed_by_second":
                return _speed(question, self._slices(question))
            case "returning_viewers":
                return _returning(question)
            case _:
                return _numbers(question)

    def close(self) -> None:
        self._session.close()

    def _slices(self, question: Question) -> Slices:
        assert question.selection.video_id is not None
        return Slices.of(self._durations[question.selection.video_id])


# --- views -----------------------------------------------------------------------------------------------


def _scope(selection: Selection) -> str:
    """Conditions that reach the files."""
    conditions = ["true"]
    if selection.since is not None and selection.until is not None:
        first, last = selection.since - DT_MARGIN, selection.until + DT_MARGIN
        conditions.append(f"dt BETWEEN '{first:%Y-%m-%d}' AND '{last:%Y-%m-%d}'")
    if selection.video_id is not None:
        conditions.append(f"video_id = '{selection.video_id}'")
    return " AND ".join(conditions)


def _chosen(selection: Selection, population: str) -> str:
    """Conditions on a whole view."""
    conditions = [population]
    if selection.since is not None and selection.until is not None:
        first, past = (round(moment.timestamp() * 1e6) for moment in (selection.since, selection.until))
        conditions.append(f"{STARTED_US} >= {first} AND {STARTED_US} < {past}")
    for dimension, values in selection.filters.items():
        listed = ", ".join(f"'{value}'" for value in values)
        conditions.append(f"{_dimension(dimension)} IN ({listed})")
    return " AND ".join(conditions)


def _dimension(name: str) -> str:
    column, _, key = name.partition(".")
    return f"anyIf(JSONExtractString(context, '{column}', '{key}'), context IS NOT NULL)" if key else f"any({name})"


def _views(selection: Selection, population: str, columns: str = "", source: str = EVENTS) -> str:
    """One row per chosen view: view_id and `columns`."""
    return (
        f"SELECT view_id{columns and f', {columns}'} FROM {source} WHERE {_scope(selection)}"
        f" GROUP BY view_id HAVING {_chosen(selection, population)}"
    )


def _labels(selection: Selection) -> tuple[str, str]:
    """(columns of a view, columns to group by) for what rows are about. Names differ from the files' columns."""
    columns, names = [], []
    if selection.by != "all":
        name = "video_id" if selection.by == "video" else selection.by
        columns.append(f"any({name}) AS the_{name}")
        names.append(f"the_{name}")
    if selection.grain is not None:
        columns.append(f"toDate(fromUnixTimestamp64Micro({STARTED_US}), '{selection.timezone}') AS the_period")
        names.append("the_period")
    return ", ".join(columns), ", ".join(names)


def _shown_labels(group: str) -> str:
    return "".join(f"{name} AS {name.removeprefix('the_')}, " for name in filter(None, group.split(", ")))


def _marked(selection: Selection) -> str:
    """Events with `starts`: a play that the browser did not refuse afterwards."""
    return f"""cancelled AS (
    SELECT view_id, seq FROM (
        SELECT view_id, seq, type, leadInFrame(toNullable(type)) OVER (
            PARTITION BY view_id ORDER BY seq ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS next_type
        FROM {EVENTS} WHERE {_scope(selection)} AND type IN ('play', 'autoplay_blocked')
    ) WHERE type = 'play' AND next_type = 'autoplay_blocked'
),
marked AS (
    SELECT *, type = 'play' AND (view_id, seq) NOT IN (SELECT view_id, seq FROM cancelled) AS starts
    FROM {EVENTS} WHERE {_scope(selection)}
)"""


def _clocked(selection: Selection, columns: str) -> str:
    """`columns` of events with `watched_ms`: the watch clock until the next event (rule 4)."""
    return f"""{_marked(selection)},
clocked AS (
    SELECT *, multiIf(
        NOT ifNull(runs, false) OR gap_ms IS NULL, 0,
        gap_ms > 90000 AND NOT first_picture, least(gap_ms, greatest(10000, ifNull(length_ms, 0))),
        greatest(0, gap_ms)) AS watched_ms
    FROM (
        SELECT view_id, dt, video_id, seq, type, t_ms, occurred_at, is_bot, wall_ms, wait_ms, {columns}
            last_value(multiIf(
                starts OR type = 'playing', true,
                type IN ('pause', 'ended', 'autoplay_blocked', 'view_end') OR type = 'error' AND fatal, false,
                NULL)) IGNORE NULLS OVER so_far AS runs,
            leadInFrame(toNullable(t_ms)) OVER from_here - t_ms AS gap_ms,
            leadInFrame(coalesce(wall_ms, wait_ms)) OVER from_here AS length_ms,
            leadInFrame(type) OVER from_here = 'playing' AND countIf(type = 'playing') OVER so_far = 0 AS first_picture
        FROM marked
        WINDOW so_far AS (PARTITION BY view_id ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
            from_here AS (PARTITION BY view_id ORDER BY seq ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
    )
)"""


def _covered(selection: Selection) -> str:
    """unique_s by view: the union of its intervals within the video (rule 5), in whole nanoseconds."""
    return f"""covered AS (
    SELECT view_id, any(duration_s) AS length_s, sum(greatest(0, to_ns - greatest(from_ns, before_ns))) / 1e9 AS unique_s
    FROM (
        SELECT *, max(to_ns) OVER (
            PARTITION BY view_id ORDER BY from_ns, to_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before_ns
        FROM (
            SELECT view_id, duration_s, toInt64(round(least(from_s, duration_s) * 1e9)) AS from_ns,
                toInt64(round(least(to_s, duration_s) * 1e9)) AS to_ns
            FROM {EVENTS} LEFT JOIN videos USING (video_id) WHERE {_scope(selection)} AND type = 'interval'
        )
    )
    GROUP BY view_id
)"""


# --- numbers of views ------------------------------------------------------------------------------------


def _numbers(question: Question) -> str:
    selection = question.selection
    label, group = _labels(selection)
    before, source, population, columns, shown = "", EVENTS, VALID, "", ""
    extra = "" if selection.by in {"all", "video"} else f"{selection.by}, "
    match question.metric:
        case "views":
            shown = "count() AS views"
        case "unique_viewers":
            columns = "any(viewer_id) AS viewer, any(viewer_kind) AS kind"
            shown = "uniqExact(viewer) AS unique_viewers, uniqExactIf(viewer, kind = 'page') AS page_viewers"
        case "total_watch_time":
            before, source = _clocked(selection, extra), "clocked"
            columns = "sum(watched_ms) AS watch, sum(wall_ms) AS playing"
            shown = (
                "sum(watch) / 1000 AS total_watch_time, sum(playing) / 1000 AS playing_s,"
                " sum(watch - playing) / 1000 AS waiting_s, count() AS n"
            )
        case "rebuffer_ratio":
            before, source, population = _clocked(selection, extra), "clocked", PLAYED
            columns = "sum(watched_ms) AS watch, countIf(type = 'stall') AS stalled, sumIf(wait_ms, type = 'stall') AS waited"
            shown = (
                "sum(ifNull(waited, 0)) / nullIf(sum(watch), 0) AS rebuffer_ratio, sum(stalled) AS stalls,"
                " sum(ifNull(waited, 0)) / 1000 AS stall_s, count() AS n"
            )
        case "average_percentage_viewed" | "completion_rate":
            return _coverage(question)
        case "startup_time":
            before, source, population = _marked(selection), "marked", PLAYED
            columns = (
                "greatest(0, minIf(t_ms, type = 'playing') - minIf(t_ms, starts)) AS startup_ms,"
                " countIf(type = 'playing') > 0 AND countIf(starts) > 0 AS started"
            )
            quantiles = (("startup_time", 0.5), ("p75_s", 0.75), ("p95_s", 0.95), ("p99_s", 0.99))
            shown = ", ".join(
                f"quantileExactInclusiveIf({q})(startup_ms, started) / 1000 AS {name}" for name, q in quantiles
            )
            shown += ", countIf(started) AS n"
        case "playback_failures":
            before, source, population = _marked(selection), "marked", ATTEMPT
            columns = (
                "countIf(type = 'error' AND fatal) > 0 AS broke, minIf(seq, type = 'error' AND fatal) AS broken_seq,"
                " countIf(type = 'playing') > 0 AS moved, minIf(seq, type = 'playing') AS first_seq"
            )
            shown = (
                "countIf(broke) / count() AS playback_failures, countIf(broke) AS failures, count() AS n,"
                " countIf(broke AND (NOT moved OR broken_seq < first_seq)) / count() AS startup_failures"
            )
        case "exits_before_start":
            before, source, population = _marked(selection), "marked", ATTEMPT
            columns = (
                "countIf(type IN ('playing', 'interval') OR type = 'error' AND ifNull(fatal, false)) = 0"
                f" AND {CLOSED} AS gave_up, max(t_ms) - minIf(t_ms, starts) AS waited_ms"
            )
            shown = (
                "countIf(gave_up) / count() AS exits_before_start, countIf(gave_up) AS exits,"
                " countIf(gave_up AND waited_ms < 1000) AS waited_0_1_s,"
                " countIf(gave_up AND waited_ms >= 1000 AND waited_ms < 3000) AS waited_1_3_s,"
                " countIf(gave_up AND waited_ms >= 3000 AND waited_ms < 10000) AS waited_3_10_s,"
                " countIf(gave_up AND waited_ms >= 10000) AS waited_10_s, count() AS n"
            )
    views = _views(selection, population, ", ".join(filter(None, (label, columns))), source)
    return (
        f"WITH {before and f'{before},'} views AS ({views}) SELECT {_shown_labels(group)}{shown} FROM views"
        f"{group and f' GROUP BY {group}'}"
    )


def _coverage(question: Question) -> str:
    selection = question.selection
    label, group = _labels(selection)
    columns = ", ".join(filter(None, (label, "any(viewer_id) AS viewer")))
    ctes = f"""WITH {_covered(selection)},
views AS ({_views(selection, VALID, columns)}),
seen AS (
    SELECT views.*, if(length_s > 0, least(1.0, unique_s / length_s), NULL) AS coverage
    FROM views LEFT JOIN covered USING (view_id)
)"""
    by = group and f" GROUP BY {group}"
    if question.metric == "average_percentage_viewed":
        return (
            f"{ctes} SELECT {_shown_labels(group)}avg(coverage) AS average_percentage_viewed, count(coverage) AS n"
            f" FROM seen{by}"
        )
    # The Wilson interval on the variance between viewers; each viewer counts once where nothing varies.
    partition = group and f"PARTITION BY {group}"
    return f"""{ctes},
viewers AS (
    SELECT {group and f'{group}, '}countIf(coverage >= {COMPLETED_AT}) AS done, count(coverage) AS views
    FROM seen GROUP BY {group and f'{group}, '}viewer
),
rated AS (
    SELECT *, sum(done) OVER ({partition}) / nullIf(sum(views) OVER ({partition}), 0) AS rate FROM viewers
),
summed AS (
    SELECT {group and f'{group}, '}any(rate) AS p, sum(done) AS completed, sum(views) AS n,
        if(any(rate) IN (0, 1), toFloat64(countIf(views > 0)), least(
            toFloat64(sum(views)), any(rate * (1 - rate)) * pow(sum(views), 2) / nullIf(sum(pow(done - rate * views, 2)), 0)
        )) AS size, 1.959963984540054 AS z
    FROM rated{by}
)
SELECT {_shown_labels(group)}p AS completion_rate, completed, n,
    if(n > 0, greatest(0, (p + z * z / (2 * size) - z * sqrt(p * (1 - p) / size + z * z / (4 * size * size))) / (1 + z * z / size)), NULL)
        AS ci_low,
    if(n > 0, least(1, (p + z * z / (2 * size) + z * sqrt(p * (1 - p) / size + z * z / (4 * size * size))) / (1 + z * z / size)), NULL)
        AS ci_high
FROM summed"""


def _returning(question: Question) -> str:
    selection = question.selection
    assert selection.since is not None and selection.until is not None
    first, past = (round(moment.timestamp() * 1e6) for moment in (selection.since, selection.until))
    columns = f"any(video_id) AS video, any(viewer_id) AS viewer, {STARTED_US} AS started_us"
    day = f"toDate(fromUnixTimestamp64Micro(started_us), '{selection.timezone}')"
    return f"""WITH views AS ({_views(Selection(by="all"), VALID, columns)}),
dated AS (SELECT *, {day} AS day, min({day}) OVER (PARTITION BY viewer, video) AS first_day FROM views)
SELECT uniqExactIf(viewer, day > first_day) AS returning_viewers,
    uniqExactIf(viewer, day > first_day) / uniqExact(viewer) AS returning_viewer_share
FROM dated WHERE started_us >= {first} AND started_us < {past}"""


# --- curves over one video -------------------------------------------------------------------------------


def _stretches(selection: Selection, slices: Slices, kind: str) -> str:
    """Slices [lo, hi) of what the chosen views played, or of what they jumped over."""
    return f"""SELECT view_id, rate, to_s, greatest(0, toInt64(ceil(from_s - {slices.middle_s}))) AS lo,
        least({slices.count}, toInt64(ceil(to_s - {slices.middle_s}))) AS hi
    FROM {EVENTS} WHERE {_scope(selection)} AND {kind} AND view_id IN (SELECT view_id FROM views)"""


def _passes(selection: Selection, slices: Slices) -> str:
    interval = "type = 'interval'"
    return f"views AS MATERIALIZED ({_views(selection, VALID)}),\npasses AS MATERIALIZED ({_stretches(selection, slices, interval)})"


def _once(ranges: str) -> str:
    """Ranges cut so that each view has each slice once."""
    return f"""SELECT hi, fresh AS lo FROM (
    SELECT hi, greatest(lo, max(hi) OVER (
        PARTITION BY view_id ORDER BY lo, hi ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )) AS fresh FROM {ranges} WHERE lo < hi
)"""


def _swept(slices: Slices, name: str, ranges: str, amounts: Mapping[str, str]) -> str:
    """For each second the sums over the ranges that hold it. One pass: each range gives its two edges."""
    sums = ", ".join(f"sum(edge.2 * ({amount})) AS d_{measure}" for measure, amount in amounts.items())
    running = ", ".join(f"sum(ifNull(d_{measure}, 0)) OVER (ORDER BY second) AS {measure}" for measure in amounts)
    return f"""{name} AS (
    SELECT toInt64(number) AS second, {running}
    FROM numbers({slices.count}) AS grid
    LEFT JOIN (
        SELECT edge.1 AS at, {sums} FROM ({ranges}) ARRAY JOIN [(lo, 1), (hi, -1)] AS edge WHERE lo < hi GROUP BY at
    ) AS edges ON toInt64(number) = at
)"""


def _plays_and_views(selection: Selection, slices: Slices) -> str:
    return f"""WITH {_passes(selection, slices)},
{_swept(slices, "played", "SELECT lo, hi FROM passes", {"plays": "1"})},
{_swept(slices, "watched", _once("passes"), {"views": "1"})},
curve AS (SELECT second, plays, views FROM played JOIN watched USING (second)),
told AS (SELECT count() AS n FROM views)"""


def _resampled(question: Question, slices: Slices, columns: Mapping[str, str], curve: str) -> str:
    """Rows of the video's own seconds, or of `points` stretches of it, each a weighted mean of what it overlaps."""
    video = question.selection.video_id
    if not question.points:
        shown = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
        return f"SELECT '{video}' AS video_id, second, {shown} FROM {curve} CROSS JOIN told"
    step = f"{slices.length_s} / {MAX_POINTS}"
    means = ", ".join(
        f"sum(weight * ({expression})) / sum(weight) AS {name}" if name != "n" else "any(n) AS n"
        for name, expression in columns.items()
    )
    own_to = f"if(second = {slices.count - 1}, {slices.length_s}, toFloat64(second) + 1)"
    return f"""SELECT '{video}' AS video_id, toInt64(floor(k * {step})) AS second, {means}
FROM (
    SELECT k, part.*, n, greatest(0, least((k + 1) * {step}, {own_to}) - greatest(k * {step}, toFloat64(second))) AS weight
    FROM (SELECT * FROM {curve} CROSS JOIN told) AS part
    ARRAY JOIN range(
        toUInt64(least({MAX_POINTS - 1}, greatest(0, floor(second / ({step})) - 1))),
        toUInt64(least({MAX_POINTS}, floor({own_to} / ({step})) + 2))
    ) AS k
    WHERE weight > 0
) AS parts GROUP BY k"""


def _retention(question: Question, slices: Slices) -> str:
    columns = {"absolute": "plays / n", "unique": "views / n", "n": "n"}
    return f"{_plays_and_views(question.selection, slices)}\n{_resampled(question, slices, columns, 'curve')}"


def _replays(question: Question, slices: Slices) -> str:
    half = slices.half_width
    return f"""{_plays_and_views(question.selection, slices)},
smoothed AS (
    SELECT middle AS second, anyIf(again, own = middle) AS extra,
        sum(({half} + 1 - abs(own - middle)) * again) / sum({half} + 1 - abs(own - middle)) AS smooth
    FROM (SELECT second AS own, plays - views AS again FROM curve)
    ARRAY JOIN range(greatest(0, own - {half}), least({slices.count}, own + {half} + 1)) AS middle
    GROUP BY middle
)
SELECT * FROM (
{_resampled(question, slices, {"most_replayed": "smooth / n", "extra": "extra / n", "n": "n"}, "smoothed")}
) WHERE n >= 10"""


def _speed(question: Question, slices: Slices) -> str:
    return f"""WITH {_passes(question.selection, slices)},
{_swept(slices, "curve", "SELECT lo, hi, rate FROM passes", {"plays": "1", "rates": "rate"})}
SELECT '{question.selection.video_id}' AS video_id, second, if(plays > 0, rates / plays, NULL) AS speed_by_second,
    plays, (SELECT count() FROM views) AS n
FROM curve"""


def _drop_offs(question: Question, slices: Slices) -> str:
    columns = f"{CLOSED} AS closed, countIf(type = 'ended') > 0 AS ended, argMax(position_s, seq) AS last_s"
    return f"""WITH {_covered(question.selection)},
views AS MATERIALIZED ({_views(question.selection, VALID, columns)}),
left_here AS (
    SELECT least({slices.count - 1}, toInt64(floor(last_s))) AS at, count() AS left
    FROM views LEFT JOIN covered USING (view_id)
    WHERE closed AND NOT ended AND NOT ifNull(unique_s / length_s >= {COMPLETED_AT}, false)
    GROUP BY at
)
SELECT '{question.selection.video_id}' AS video_id, toInt64(number) AS second, ifNull(left, 0) / n AS drop_offs,
    ifNull(left, 0) AS exits, n
FROM numbers({slices.count}) AS grid LEFT JOIN left_here ON toInt64(number) = at
CROSS JOIN (SELECT count() AS n FROM views) AS told"""


def _skips(question: Question, slices: Slices) -> str:
    seek = f"type = 'seek' AND to_s > from_s AND {COUNTED}"
    return f"""WITH {_passes(question.selection, slices)},
skips AS MATERIALIZED ({_stretches(question.selection, slices, seek)}),
touched AS (SELECT view_id, lo, hi FROM passes UNION ALL SELECT view_id, lo, hi FROM skips),
{_swept(slices, "everything", _once("touched"), {"reached": "1"})},
{_swept(slices, "jumped", _once("skips"), {"skip_views": "1"})},
shares AS (
    SELECT second, reached, skip_views / nullIf(reached, 0) AS part,
        quantileExactInclusiveIf(0.5)(ifNull(skip_views / nullIf(reached, 0), 0), reached > 0) OVER () AS middle
    FROM everything JOIN jumped USING (second)
),
often AS (
    SELECT *, second - lagInFrame(second, 1, -9) OVER (
        ORDER BY second ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) > 2 AS begins
    FROM shares WHERE reached >= 10 AND part >= greatest(0.05, 2 * middle)
),
runs AS (
    SELECT min(second) AS first, max(second) + 1 AS past, max(part) AS most
    FROM (SELECT *, sum(begins) OVER (ORDER BY second) AS run FROM often)
    GROUP BY run HAVING past - first >= 3
),
landings AS (
    SELECT first, past, most, toInt64(floor(to_s)) AS cell, count() AS jumps
    FROM runs CROSS JOIN skips WHERE lo < past AND hi > first GROUP BY first, past, most, cell
)
SELECT '{question.selection.video_id}' AS video_id, row_number() OVER (ORDER BY from_s) AS section, from_s, to_s, share,
    landed, (SELECT count() FROM views) AS n
FROM (
    SELECT first AS from_s, any(past) AS to_s, any(most) AS share, argMin(cell, (-jumps, cell)) AS landed
    FROM landings GROUP BY first
)"""
