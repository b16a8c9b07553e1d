"""ClickHouse's numbers of views: aggregates over chosen views, and the interval of a rate."""

from __future__ import annotations

from benchmarks.analytics.chdb_views import (
    ATTEMPT,
    CLOSED,
    EVENTS,
    PLAYED,
    STARTED_US,
    VALID,
    clocked,
    covered,
    labels,
    marked,
    shown_labels,
    views_sql,
)
from benchmarks.analytics.duckdb_numbers import HIGH, LOW
from benchmarks.analytics.questions import COMPLETED_AT, Question
from viewbox.metrics import Selection


def numbers(question: Question) -> str:
    selection = question.selection
    label, group = labels(selection)
    before, source, population, columns, shown = "", EVENTS, VALID, "", ""
    extra = "" if selection.by in {"all", "video"} else f"{selection.by}, "
    match question.metric:
        case "views":
            shown = "count() AS views"
        case "unique_viewers":
            columns = "any(viewer_id) AS viewer, any(viewer_kind) AS kind"
            shown = "uniqExact(viewer) AS unique_viewers, uniqExactIf(viewer, kind = 'page') AS page_viewers"
        case "total_watch_time":
            before, source = clocked(selection, extra), "clocked"
            columns = "sum(watched_ms) AS watch, sum(wall_ms) AS playing"
            shown = (
                "sum(watch) / 1000 AS total_watch_time, sum(playing) / 1000 AS playing_s,"
                " sum(watch - playing) / 1000 AS waiting_s, count() AS n"
            )
        case "rebuffer_ratio":
            before, source, population = clocked(selection, extra), "clocked", PLAYED
            columns = (
                "sum(watched_ms) AS watch, countIf(type = 'stall') AS stalled, sumIf(wait_ms, type = 'stall') AS waited"
            )
            shown = (
                "sum(ifNull(waited, 0)) / nullIf(sum(watch), 0) AS rebuffer_ratio, sum(stalled) AS stalls,"
                " sum(ifNull(waited, 0)) / 1000 AS stall_s, count() AS n"
            )
        case "average_percentage_viewed" | "completion_rate":
            return _coverage(question)
        case "startup_time":
            before, source, population = marked(selection), "marked", PLAYED
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
            before, source, population = marked(selection), "marked", ATTEMPT
            columns = (
                "countIf(type = 'error' AND fatal) > 0 AS broke, minIf(seq, type = 'error' AND fatal) AS broken_seq,"
                " countIf(type = 'playing') > 0 AS moved, minIf(seq, type = 'playing') AS first_seq"
            )
            shown = (
                "countIf(broke) / count() AS playback_failures, countIf(broke) AS failures, count() AS n,"
                " countIf(broke AND (NOT moved OR broken_seq < first_seq)) / count() AS startup_failures"
            )
        case "exits_before_start":
            before, source, population = marked(selection), "marked", ATTEMPT
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
    views = views_sql(selection, population, ", ".join(filter(None, (label, columns))), source)
    return (
        f"WITH {before and f'{before},'} views AS ({views}) SELECT {shown_labels(group)}{shown} FROM views"
        f"{group and f' GROUP BY {group}'}"
    )


def _coverage(question: Question) -> str:
    selection = question.selection
    label, group = labels(selection)
    columns = ", ".join(filter(None, (label, "any(viewer_id) AS viewer")))
    ctes = f"""WITH {covered(selection)},
views AS ({views_sql(selection, VALID, columns)}),
seen AS (
    SELECT views.*, if(length_s > 0, least(1.0, unique_s / length_s), NULL) AS coverage
    FROM views LEFT JOIN covered USING (view_id)
)"""
    by = group and f" GROUP BY {group}"
    if question.metric == "average_percentage_viewed":
        return (
            f"{ctes} SELECT {shown_labels(group)}avg(coverage) AS average_percentage_viewed, count(coverage) AS n"
            f" FROM seen{by}"
        )
    # The Wilson interval on the variance between viewers; each viewer counts once where nothing varies.
    partition = group and f"PARTITION BY {group}"
    return f"""{ctes},
viewers AS (
    SELECT {group and f"{group}, "}countIf(coverage >= {COMPLETED_AT}) AS done, count(coverage) AS views
    FROM seen GROUP BY {group and f"{group}, "}viewer
),
rated AS (
    SELECT *, sum(done) OVER ({partition}) / nullIf(sum(views) OVER ({partition}), 0) AS rate FROM viewers
),
summed AS (
    SELECT {group and f"{group}, "}any(rate) AS p, sum(done) AS completed, sum(views) AS n,
        if(any(rate) IN (0, 1), toFloat64(countIf(views > 0)), least(
            toFloat64(sum(views)),
            any(rate * (1 - rate)) * pow(sum(views), 2) / nullIf(sum(pow(done - rate * views, 2)), 0)
        )) AS size, 1.959963984540054 AS z, countIf(views > 0) AS people
    FROM rated{by}
)
SELECT {shown_labels(group)}p AS completion_rate, completed, n,
    if(people > 1, {LOW}, NULL) AS ci_low, if(people > 1, {HIGH}, NULL) AS ci_high
FROM summed"""


def returning(question: Question) -> str:
    selection = question.selection
    assert selection.since is not None
    assert selection.until is not None
    first, past = (round(moment.timestamp() * 1e6) for moment in (selection.since, selection.until))
    columns = f"any(video_id) AS video, any(viewer_id) AS viewer, {STARTED_US} AS started_us"
    day = f"toDate(fromUnixTimestamp64Micro(started_us), '{selection.timezone}')"
    return f"""WITH views AS ({views_sql(Selection(by="all"), VALID, columns)}),
dated AS (SELECT *, {day} AS day, min({day}) OVER (PARTITION BY viewer, video) AS first_day FROM views)
SELECT uniqExactIf(viewer, day > first_day) AS returning_viewers,
    uniqExactIf(viewer, day > first_day) / uniqExact(viewer) AS returning_viewer_share
FROM dated WHERE started_us >= {first} AND started_us < {past}"""
