"""DuckDB's numbers of views: aggregates over chosen views, and the interval of a rate."""

from __future__ import annotations

from benchmarks.analytics.duckdb_views import (
    ATTEMPT,
    CLOSED,
    PLAYED,
    STARTED_US,
    VALID,
    clocked,
    covered,
    labels,
    marked,
    views_sql,
)
from benchmarks.analytics.questions import COMPLETED_AT, Question
from viewbox.metrics import Selection

# Wilson's bounds of the rate p of `size` viewers; engines agree on this much.
MIDDLE, SPREAD = "(p + z * z / (2 * size))", "z * sqrt(p * (1 - p) / size + z * z / (4 * size * size))"
LOW = f"greatest(0, ({MIDDLE} - {SPREAD}) / (1 + z * z / size))"
HIGH = f"least(1, ({MIDDLE} + {SPREAD}) / (1 + z * z / size))"


def numbers(question: Question) -> str:
    selection = question.selection
    label, group = labels(selection)
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
            before, source = clocked(selection), "clocked"
            columns = "sum(watched_ms) AS watch_ms, sum(wall_ms) AS playing_ms"
            shown = (
                "sum(watch_ms) / 1000 AS total_watch_time, sum(playing_ms) / 1000 AS playing_s,"
                " sum(watch_ms - playing_ms) / 1000 AS waiting_s, count(*) AS n"
            )
        case "rebuffer_ratio":
            before, source, population = clocked(selection), "clocked", PLAYED
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
            before, source, population = marked(selection), "marked", PLAYED
            columns = (
                "greatest(0, min(t_ms) FILTER (type = 'playing') - min(t_ms) FILTER (starts)) AS startup_ms,"
                " min(t_ms) FILTER (type = 'playing') AS playing_ms, min(t_ms) FILTER (starts) AS play_ms"
            )
            quantiles = (("startup_time", 0.5), ("p75_s", 0.75), ("p95_s", 0.95), ("p99_s", 0.99))
            shown = ", ".join(f"quantile_cont(startup_ms, {q}) / 1000 AS {name}" for name, q in quantiles)
            shown += ", count(*) AS n"
        case "playback_failures":
            before, source, population = marked(selection), "marked", ATTEMPT
            columns = (
                "min(seq) FILTER (type = 'error' AND fatal) AS failed_seq,"
                " min(seq) FILTER (type = 'playing') AS first_seq"
            )
            early = "count(*) FILTER (failed_seq < coalesce(first_seq, failed_seq + 1))"
            shown = (
                f"count(failed_seq) / count(*) AS playback_failures, {early} / count(*) AS startup_failures,"
                " count(failed_seq) AS failures, count(*) AS n"
            )
        case "exits_before_start":
            before, source, population = marked(selection), "marked", ATTEMPT
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
    views = views_sql(selection, population, ", ".join(filter(None, (label, columns))), source)
    where = " WHERE playing_ms IS NOT NULL AND play_ms IS NOT NULL" if question.metric == "startup_time" else ""
    return (
        f"WITH {before and f'{before},'} views AS ({views}) SELECT {group and f'{group}, '}{shown} FROM views{where}"
        f"{group and f' GROUP BY {group}'}"
    )


def _coverage(question: Question) -> str:
    selection = question.selection
    label, group = labels(selection)
    columns = ", ".join(filter(None, (label, "any_value(viewer_id) AS viewer_id")))
    ctes = f"""WITH {covered(selection)},
views AS ({views_sql(selection, VALID, columns)}),
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
    SELECT {group and f"{group}, "}count(*) FILTER (coverage >= {COMPLETED_AT}) AS completed, count(coverage) AS n
    FROM seen GROUP BY {group and f"{group}, "}viewer_id
),
rated AS (
    SELECT *, sum(completed) OVER ({partition}) / nullif(sum(n) OVER ({partition}), 0) AS rate FROM viewers
),
summed AS (
    SELECT {group and f"{group}, "}any_value(rate) AS p, sum(completed)::BIGINT AS completed, sum(n)::BIGINT AS n,
        CASE WHEN any_value(rate) IN (0, 1) THEN count(*) FILTER (n > 0) ELSE least(
            sum(n), any_value(rate * (1 - rate)) * sum(n) ** 2 / nullif(sum((completed - rate * n) ** 2), 0)
        ) END AS size, 1.959963984540054 AS z, count(*) FILTER (n > 0) AS people
    FROM rated{by}
)
SELECT {group and f"{group}, "}p AS completion_rate, completed, n,
    CASE WHEN people > 1 THEN {LOW} END AS ci_low, CASE WHEN people > 1 THEN {HIGH} END AS ci_high
FROM summed"""


def returning(question: Question) -> str:
    selection = question.selection
    assert selection.since is not None
    assert selection.until is not None
    first, past = (round(moment.timestamp() * 1e6) for moment in (selection.since, selection.until))
    columns = f"any_value(video_id) AS video_id, any_value(viewer_id) AS viewer_id, {STARTED_US} AS started_us"
    day = f"(make_timestamptz(started_us) AT TIME ZONE '{selection.timezone}')::DATE"
    return f"""WITH views AS ({views_sql(Selection(by="all"), VALID, columns)}),
dated AS (SELECT *, {day} AS day, min({day}) OVER (PARTITION BY viewer_id, video_id) AS first_day FROM views)
SELECT count(DISTINCT viewer_id) FILTER (day > first_day) AS returning_viewers,
    count(DISTINCT viewer_id) FILTER (day > first_day) / count(DISTINCT viewer_id) AS returning_viewer_share
FROM dated WHERE started_us >= {first} AND started_us < {past}"""
