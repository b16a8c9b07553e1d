"""DuckDB on the raw events: the SQL that a careful analyst writes over the Parquet files of `events`, nothing prepared.

A view is a GROUP BY view_id with as much of the contract as the number needs. Only the needed columns are read,
partitions and videos are pruned, and curves are swept (+1 where a stretch begins, -1 behind its end, running sum)
instead of unnested by the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.analytics.questions import COMPLETED_AT, MAX_POINTS, Question
from benchmarks.analytics.slices import Slices
from viewbox.metrics import Selection

DT_MARGIN = timedelta(days=2)  # a partition is the date inside a view_id, by the viewer's clock
VALID = "NOT bool_or(is_bot) AND sum(wall_ms) >= 1000"
PLAYED = "NOT bool_or(is_bot) AND bool_or(type IN ('playing', 'interval'))"
ATTEMPT = "NOT bool_or(is_bot) AND bool_or(starts)"
STARTED_US = "min(epoch_us(occurred_at) - 1000 * t_ms)"
CLOSED = (
    "(arg_max(type, seq) = 'view_end' OR arg_max(epoch_us(occurred_at), seq) + 300000000 <= epoch_us(now()))"
)
COUNTED = "coalesce(cause IN ('user', 'chapter', 'skip'), true) AND abs(to_s - from_s) > 0.25"


class DuckDB:
    """The peer; its connection stays open between answers."""

    name = "DuckDB"

    def __init__(self, glob: str, durations: Mapping[str, float], threads: int, scratch: Path) -> None:
        self._durations = durations
        self._connection = duckdb.connect()
        self._connection.execute(f"SET threads = {threads}")
        self._connection.execute(f"SET temp_directory = '{scratch}'")
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET parquet_metadata_cache = true")
        source = f"read_parquet('{glob}', hive_partitioning = true, hive_types = {{'dt': DATE}})"
        self._connection.execute(f"CREATE VIEW events AS FROM {source}")
        lengths = pa.table({"video_id": list(durations), "duration_s": list(durations.values())})
        self._connection.register("incoming", lengths)
        self._connection.execute("CREATE TABLE videos AS FROM incoming")

    def answer(self, question: Question) -> pa.Table:
        return self._connection.sql(self.sql(question)).to_arrow_table()

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
        self._connection.close()

    def _slices(self, question: Question) -> Slices:
        assert question.selection.video_id is not None
        return Slices.of(self._durations[question.selection.video_id])


# --- views -----------------------------------------------------------------------------------------------


def _scope(selection: Selection) -> str:
    """Conditions that reach the files."""
    conditions = ["true"]
    if selection.since is not None and selection.until is not None:
        first, last = selection.since - DT_MARGIN, selection.until + DT_MARGIN
        conditions.append(f"dt BETWEEN DATE '{first:%Y-%m-%d}' AND DATE '{last:%Y-%m-%d}'")
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
        conditions.append(f"any_value({_dimension(dimension)}) IN ({listed})")
    return " AND ".join(conditions)


def _dimension(name: str) -> str:
    column, _, key = name.partition(".")
    return f"json_extract_string(context, '/{column}/{key}')" if key else name


def _views(selection: Selection, population: str, columns: str = "", source: str = "events") -> str:
    """One row per chosen view: view_id and `columns`."""
    return (
        f"SELECT view_id{columns and f', {columns}'} FROM {source} WHERE {_scope(selection)}"
        f" GROUP BY view_id HAVING {_chosen(selection, population)}"
    )


def _labels(selection: Selection) -> tuple[str, str]:
    """(columns of a view, columns to group by) for what rows are about."""
    columns, names = [], []
    if selection.by != "all":
        name = "video_id" if selection.by == "video" else selection.by
        columns.append(f"any_value({name}) AS {name}")
        names.append(name)
    if selection.grain is not None:
        columns.append(
            f"(make_timestamptz({STARTED_US}) AT TIME ZONE '{selection.timezone}')::DATE AS period"
        )
        names.append("period")
    return ", ".join(columns), ", ".join(names)


def _marked(selection: Selection) -> str:
    """Events with `starts`: a play that the browser did not refuse afterwards."""
    return f"""cancelled AS (
    SELECT view_id, seq FROM (
        SELECT view_id, seq, type, lead(type) OVER (PARTITION BY view_id ORDER BY seq) AS next_type
        FROM events WHERE {_scope(selection)} AND type IN ('play', 'autoplay_blocked')
    ) WHERE type = 'play' AND next_type = 'autoplay_blocked'
),
marked AS NOT MATERIALIZED (
    SELECT events.*, type = 'play' AND cancelled.seq IS NULL AS starts
    FROM events LEFT JOIN cancelled USING (view_id, seq) WHERE {_scope(selection)}
)"""


def _clocked(selection: Selection) -> str:
    """Events with `watched_ms`: the watch clock until the next event (rule 4)."""
    return f"""{_marked(selection)},
clocked AS NOT MATERIALIZED (
    SELECT *, CASE
        WHEN NOT coalesce(runs, false) OR gap_ms IS NULL THEN 0
        WHEN gap_ms > 90000 AND NOT first_picture THEN least(gap_ms, greatest(10000, coalesce(length_ms, 0)))
        ELSE greatest(0, gap_ms) END AS watched_ms
    FROM (
        SELECT *,
            last_value(CASE
                WHEN starts OR type = 'playing' THEN true
                WHEN type IN ('pause', 'ended', 'autoplay_blocked', 'view_end') OR type = 'error' AND fatal THEN false
            END IGNORE NULLS) OVER along AS runs,
            lead(t_ms) OVER along - t_ms AS gap_ms,
            lead(coalesce(wall_ms, wait_ms)) OVER along AS length_ms,
            lead(type) OVER along = 'playing' AND count(*) FILTER (type = 'playing') OVER along = 0 AS first_picture
        FROM marked
        WINDOW along AS (PARTITION BY view_id ORDER BY seq)
    )
)"""


def _covered(selection: Selection) -> str:
    """unique_s by view: the union of its intervals within the video (rule 5), in whole nanoseconds."""
    return f"""covered AS (
    SELECT view_id, any_value(duration_s) AS duration_s,
        sum(greatest(0, to_ns - greatest(from_ns, coalesce(before_ns, 0)))) / 1e9 AS unique_s
    FROM (
        SELECT *, max(to_ns) OVER (
            PARTITION BY view_id ORDER BY from_ns, to_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before_ns
        FROM (
            SELECT view_id, duration_s, (least(from_s, duration_s) * 1e9)::BIGINT AS from_ns,
                (least(to_s, duration_s) * 1e9)::BIGINT AS to_ns
            FROM events LEFT JOIN videos USING (video_id) WHERE {_scope(selection)} AND type = 'interval'
        )
    )
    GROUP BY view_id
)"""


# --- numbers of views ------------------------------------------------------------------------------------


def _numbers(question: Question) -> str:
    selection = question.selection
    label, group = _labels(selection)
    before, source, population, columns, shown = "", "events", VALID, "", ""
    match question.metric:
        case "views":
            shown = "count(*) AS views"
        case "unique_viewers":
            columns = "any_value(viewer_id) AS viewer_id, any_value(viewer_kind) AS viewer_kind"
            shown = (
                "count(DISTINCT viewer_id) AS unique_viewers,"
                " count(DISTINCT viewer_id) FILTER (viewer_kind = 'page') AS page_viewers"
            )
        case "total_watch_time":
            before, source = _clocked(selection), "clocked"
            columns = "sum(watched_ms) AS watch_ms, sum(wall_ms) AS playing_ms"
            shown = (
                "sum(watch_ms) / 1000 AS total_watch_time, sum(playing_ms) / 1000 AS playing_s,"
                " sum(watch_ms - playing_ms) / 1000 AS waiting_s, count(*) AS n"
            )
        case "rebuffer_ratio":
            before, source, population = _clocked(selection), "clocked", PLAYED
            columns = (
                "sum(watched_ms) AS watch_ms, count(*) FILTER (type = 'stall') AS stalls,"
                " coalesce(sum(wait_ms) FILTER (type = 'stall'), 0) AS stall_ms"
            )
            shown = (
                "sum(stall_ms) / nullif(sum(watch_ms), 0) AS rebuffer_ratio, sum(stalls)::BIGINT AS stalls,"
                " sum(stall_ms) / 1000 AS stall_s, count(*) AS n"
            )
        case "average_percentage_viewed" | "completion_rate":
            return _coverage(question)
        case "startup_time":
            before, source, population = _marked(selection), "marked", PLAYED
            columns = (
                "greatest(0, min(t_ms) FILTER (type = 'playing') - min(t_ms) FILTER (starts)) AS startup_ms,"
                " min(t_ms) FILTER (type = 'playing') AS playing_ms, min(t_ms) FILTER (starts) AS play_ms"
            )
            quantiles = (("startup_time", 0.5), ("p75_s", 0.75), ("p95_s", 0.95), ("p99_s", 0.99))
            shown = ", ".join(f"quantile_cont(startup_ms, {q}) / 1000 AS {name}" for name, q in quantiles)
            shown += ", count(*) AS n"
        case "playback_failures":
            before, source, population = _marked(selection), "marked", ATTEMPT
            columns = (
                "min(seq) FILTER (type = 'error' AND fatal) AS failed_seq, min(seq) FILTER (type = 'playing') AS first_seq"
            )
            early = "count(*) FILTER (failed_seq < coalesce(first_seq, failed_seq + 1))"
            shown = (
                f"count(failed_seq) / count(*) AS playback_failures, {early} / count(*) AS startup_failures,"
                " count(failed_seq) AS failures, count(*) AS n"
            )
        case "exits_before_start":
            before, source, population = _marked(selection), "marked", ATTEMPT
            columns = (
                "NOT bool_or(type IN ('playing', 'interval') OR type = 'error' AND coalesce(fatal, false))"
                f" AND {CLOSED} AS gave_up, max(t_ms) - min(t_ms) FILTER (starts) AS waited_ms"
            )
            shown = (
                "count(*) FILTER (gave_up) / count(*) AS exits_before_start, count(*) FILTER (gave_up) AS exits,"
                " count(*) FILTER (gave_up AND waited_ms < 1000) AS waited_0_1_s,"
                " count(*) FILTER (gave_up AND waited_ms >= 1000 AND waited_ms < 3000) AS waited_1_3_s,"
                " count(*) FILTER (gave_up AND waited_ms >= 3000 AND waited_ms < 10000) AS waited_3_10_s,"
                " count(*) FILTER (gave_up AND waited_ms >= 10000) AS waited_10_s, count(*) AS n"
            )
    views = _views(selection, population, ", ".join(filter(None, (label, columns))), source)
    where = " WHERE playing_ms IS NOT NULL AND play_ms IS NOT NULL" if question.metric == "startup_time" else ""
    return (
        f"WITH {before and f'{before},'} views AS ({views}) SELECT {group and f'{group}, '}{shown} FROM views{where}"
        f"{group and f' GROUP BY {group}'}"
    )


def _coverage(question: Question) -> str:
    selection = question.selection
    label, group = _labels(selection)
    columns = ", ".join(filter(None, (label, "any_value(viewer_id) AS viewer_id")))
    ctes = f"""WITH {_covered(selection)},
views AS ({_views(selection, VALID, columns)}),
seen AS (
    SELECT views.*, CASE WHEN duration_s > 0 THEN least(1.0, unique_s / duration_s) END AS coverage
    FROM views LEFT JOIN covered USING (view_id)
)"""
    by = group and f" GROUP BY {group}"
    if question.metric == "average_percentage_viewed":
        return (
            f"{ctes} SELECT {group and f'{group}, '}avg(coverage) AS average_percentage_viewed, count(coverage) AS n"
            f" FROM seen{by}"
        )
    # The Wilson interval on the variance between viewers; each viewer counts once where nothing varies.
    partition = group and f"PARTITION BY {group}"
    return f"""{ctes},
viewers AS (
    SELECT {group and f'{group}, '}count(*) FILTER (coverage >= {COMPLETED_AT}) AS completed, count(coverage) AS n
    FROM seen GROUP BY {group and f'{group}, '}viewer_id
),
rated AS (
    SELECT *, sum(completed) OVER ({partition}) / nullif(sum(n) OVER ({partition}), 0) AS rate FROM viewers
),
summed AS (
    SELECT {group and f'{group}, '}any_value(rate) AS p, sum(completed)::BIGINT AS completed, sum(n)::BIGINT AS n,
        CASE WHEN any_value(rate) IN (0, 1) THEN count(*) FILTER (n > 0) ELSE least(
            sum(n), any_value(rate * (1 - rate)) * sum(n) ** 2 / nullif(sum((completed - rate * n) ** 2), 0)
        ) END AS size, 1.959963984540054 AS z
    FROM rated{by}
)
SELECT {group and f'{group}, '}p AS completion_rate, completed, n,
    CASE WHEN n > 0 THEN greatest(0, (p + z * z / (2 * size) - z * sqrt(p * (1 - p) / size + z * z / (4 * size * size))) / (1 + z * z / size))
        END AS ci_low,
    CASE WHEN n > 0 THEN least(1, (p + z * z / (2 * size) + z * sqrt(p * (1 - p) / size + z * z / (4 * size * size))) / (1 + z * z / size))
        END AS ci_high
FROM summed"""


def _returning(question: Question) -> str:
    selection = question.selection
    assert selection.since is not None and selection.until is not None
    first, past = (round(moment.timestamp() * 1e6) for moment in (selection.since, selection.until))
    columns = f"any_value(video_id) AS video_id, any_value(viewer_id) AS viewer_id, {STARTED_US} AS started_us"
    day = f"(make_timestamptz(started_us) AT TIME ZONE '{selection.timezone}')::DATE"
    return f"""WITH views AS ({_views(Selection(by="all"), VALID, columns)}),
dated AS (SELECT *, {day} AS day, min({day}) OVER (PARTITION BY viewer_id, video_id) AS first_day FROM views)
SELECT count(DISTINCT viewer_id) FILTER (day > first_day) AS returning_viewers,
    count(DISTINCT viewer_id) FILTER (day > first_day) / count(DISTINCT viewer_id) AS returning_viewer_share
FROM dated WHERE started_us >= {first} AND started_us < {past}"""


# --- curves over one video -------------------------------------------------------------------------------


def _passes(selection: Selection, slices: Slices, columns: str = "") -> str:
    """`views` of the video, and the slices [lo, hi) of each stretch that they played."""
    return f"""views AS MATERIALIZED ({_views(selection, VALID, columns)}),
passes AS MATERIALIZED (
    SELECT view_id, rate, greatest(0, ceil(from_s - {slices.middle_s}))::BIGINT AS lo,
        least({slices.count}, ceil(to_s - {slices.middle_s}))::BIGINT AS hi
    FROM events SEMI JOIN views USING (view_id)
    WHERE {_scope(selection)} AND type = 'interval'
)"""


def _once(ranges: str) -> str:
    """Ranges cut so that each view has each slice once."""
    return f"""SELECT view_id, hi, greatest(lo, coalesce(max(hi) OVER (
        PARTITION BY view_id ORDER BY lo, hi ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0)) AS lo FROM {ranges} WHERE lo < hi"""


def _swept(slices: Slices, ranges: Mapping[str, str]) -> str:
    """`curve`: for each second the sum of each measure over the ranges that hold it. measure -> (lo, hi, amount)."""
    edges = " UNION ALL ".join(
        f"SELECT lo AS second, '{name}' AS measure, amount FROM ({rows}) WHERE lo < hi"
        f" UNION ALL SELECT hi, '{name}', -amount FROM ({rows}) WHERE lo < hi"
        for name, rows in ranges.items()
    )
    sums = ", ".join(f"sum(amount) FILTER (measure = '{name}') AS {name}" for name in ranges)
    running = ", ".join(f"coalesce(sum({name}) OVER (ORDER BY second), 0) AS {name}" for name in ranges)
    return f"""edges AS ({edges}),
curve AS MATERIALIZED (
    SELECT second, {running}
    FROM (SELECT unnest(range({slices.count})) AS second)
    LEFT JOIN (SELECT second, {sums} FROM edges GROUP BY second) USING (second)
)"""


def _plays_and_views(selection: Selection, slices: Slices) -> str:
    ranges = {
        "plays": "SELECT lo, hi, 1 AS amount FROM passes",
        "views": f"SELECT lo, hi, 1 AS amount FROM ({_once('passes')})",
    }
    return f"WITH {_passes(selection, slices)},\n{_swept(slices, ranges)}"


def _resampled(question: Question, slices: Slices, columns: Mapping[str, str], curve: str) -> str:
    """Rows of the video's own seconds, or of `points` stretches of it, each a weighted mean of what it overlaps."""
    if not question.points:
        shown = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
        return f"SELECT '{question.selection.video_id}' AS video_id, second, {shown} FROM {curve}"
    means = ", ".join(
        f"sum(weight * ({expression})) / sum(weight) AS {name}" if name != "n" else f"any_value({expression}) AS n"
        for name, expression in columns.items()
    )
    return f"""SELECT '{question.selection.video_id}' AS video_id, floor(from_s)::BIGINT AS second, {means}
FROM (
    SELECT from_s, {curve}.*, greatest(0, least(to_s, CASE WHEN second = {slices.count - 1} THEN {slices.length_s}
        ELSE second + 1 END) - greatest(from_s, second)) AS weight
    FROM (
        SELECT k * {slices.length_s} / {MAX_POINTS} AS from_s, (k + 1) * {slices.length_s} / {MAX_POINTS} AS to_s
        FROM (SELECT unnest(range({MAX_POINTS})) AS k)
    ) JOIN {curve} ON second + 1 > from_s AND second < to_s OR second = {slices.count - 1} AND to_s > second
) GROUP BY from_s"""


def _retention(question: Question, slices: Slices) -> str:
    n = "(SELECT count(*) FROM views)"
    columns = {"absolute": f"plays / {n}", '"unique"': f"views / {n}", "n": n}
    return f"{_plays_and_views(question.selection, slices)}\n{_resampled(question, slices, columns, 'curve')}"


def _replays(question: Question, slices: Slices) -> str:
    half = slices.half_width
    return f"""{_plays_and_views(question.selection, slices)},
smoothed AS MATERIALIZED (
    SELECT here.second, any_value(here.plays - here.views) AS extra,
        sum(({half} + 1 - abs(near.second - here.second)) * (near.plays - near.views))
            / sum({half} + 1 - abs(near.second - here.second)) AS smooth
    FROM (SELECT *, unnest(range(second - {half}, second + {half} + 1)) AS beside FROM curve) AS here
    JOIN curve AS near ON near.second = here.beside
    GROUP BY here.second
),
told AS (SELECT smoothed.*, n FROM smoothed, (SELECT count(*) AS n FROM views) WHERE n >= 10)
{_resampled(question, slices, {"most_replayed": "smooth / n", "extra": "extra / n", "n": "n"}, "told")}"""


def _speed(question: Question, slices: Slices) -> str:
    ranges = {"plays": "SELECT lo, hi, 1 AS amount FROM passes", "rates": "SELECT lo, hi, rate AS amount FROM passes"}
    return f"""WITH {_passes(question.selection, slices)},
{_swept(slices, ranges)}
SELECT '{question.selection.video_id}' AS video_id, second, CASE WHEN plays > 0 THEN rates / plays END AS speed_by_second,
    plays::BIGINT AS plays, (SELECT count(*) FROM views) AS n
FROM curve"""


def _drop_offs(question: Question, slices: Slices) -> str:
    columns = (
        f"{CLOSED} AS closed, bool_or(type = 'ended') AS ended, arg_max(position_s, seq) AS last_s"
    )
    views = _views(question.selection, VALID, columns)
    return f"""WITH {_covered(question.selection)},
views AS MATERIALIZED ({views}),
left_here AS (
    SELECT least({slices.count - 1}, floor(last_s))::BIGINT AS second, count(*) AS exits
    FROM views LEFT JOIN covered USING (view_id)
    WHERE closed AND NOT ended AND NOT coalesce(unique_s / duration_s >= {COMPLETED_AT}, false)
    GROUP BY ALL
)
SELECT '{question.selection.video_id}' AS video_id, second, coalesce(exits, 0) / n AS drop_offs,
    coalesce(exits, 0) AS exits, n
FROM (SELECT unnest(range({slices.count})) AS second) LEFT JOIN left_here USING (second),
    (SELECT count(*) AS n FROM views)"""


def _skips(question: Question, slices: Slices) -> str:
    ranges = {
        "reached": f"SELECT lo, hi, 1 AS amount FROM ({_once('touched')})",
        "skip_views": f"SELECT lo, hi, 1 AS amount FROM ({_once('skips')})",
    }
    return f"""WITH {_passes(question.selection, slices)},
skips AS MATERIALIZED (
    SELECT view_id, to_s, greatest(0, ceil(from_s - {slices.middle_s}))::BIGINT AS lo,
        least({slices.count}, ceil(to_s - {slices.middle_s}))::BIGINT AS hi
    FROM events SEMI JOIN views USING (view_id)
    WHERE {_scope(question.selection)} AND type = 'seek' AND to_s > from_s AND {COUNTED}
),
touched AS (SELECT view_id, lo, hi FROM passes UNION ALL SELECT view_id, lo, hi FROM skips),
{_swept(slices, ranges)},
shares AS (
    SELECT *, skip_views / nullif(reached, 0) AS share,
        median(skip_views / nullif(reached, 0)) FILTER (reached > 0) OVER () AS middle
    FROM curve
),
often AS (
    SELECT *, (second - lag(second, 1, -9) OVER (ORDER BY second) > 2)::INT AS begins
    FROM shares WHERE reached >= 10 AND share >= greatest(0.05, 2 * middle)
),
runs AS (
    SELECT min(second) AS from_s, max(second) + 1 AS to_s, max(share) AS share
    FROM (SELECT *, sum(begins) OVER (ORDER BY second) AS run FROM often)
    GROUP BY run HAVING max(second) + 1 - min(second) >= 3
),
landings AS (
    SELECT runs.from_s, floor(skips.to_s)::BIGINT AS cell, count(*) AS jumps
    FROM runs JOIN skips ON lo < runs.to_s AND hi > runs.from_s GROUP BY ALL
)
SELECT '{question.selection.video_id}' AS video_id, row_number() OVER (ORDER BY from_s) AS section, from_s,
    any_value(to_s) AS to_s, any_value(share) AS share, arg_min(cell, (-jumps, cell)) AS landed,
    (SELECT count(*) FROM views) AS n
FROM runs JOIN landings USING (from_s) GROUP BY from_s"""
