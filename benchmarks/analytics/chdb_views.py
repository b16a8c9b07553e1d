"""ClickHouse's views: one row per chosen view_id, with as much of the contract as a number needs."""

from __future__ import annotations

from benchmarks.analytics.duckdb_views import DT_MARGIN
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


def scope(selection: Selection) -> str:
    """Conditions that reach the files."""
    conditions = ["true"]
    if selection.since is not None and selection.until is not None:
        first, last = selection.since - DT_MARGIN, selection.until + DT_MARGIN
        conditions.append(f"dt BETWEEN '{first:%Y-%m-%d}' AND '{last:%Y-%m-%d}'")
    if selection.video_id is not None:
        conditions.append(f"video_id = '{selection.video_id}'")
    return " AND ".join(conditions)


def chosen(selection: Selection, population: str) -> str:
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


def views_sql(selection: Selection, population: str, columns: str = "", source: str = EVENTS) -> str:
    """One row per chosen view: view_id and `columns`."""
    return (
        f"SELECT view_id{columns and f', {columns}'} FROM {source} WHERE {scope(selection)}"
        f" GROUP BY view_id HAVING {chosen(selection, population)}"
    )


def labels(selection: Selection) -> tuple[str, str]:
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


def shown_labels(group: str) -> str:
    return "".join(f"{name} AS {name.removeprefix('the_')}, " for name in filter(None, group.split(", ")))


def marked(selection: Selection) -> str:
    """Events with `starts`: a play that the browser did not refuse afterwards."""
    return f"""cancelled AS (
    SELECT view_id, seq FROM (
        SELECT view_id, seq, type, leadInFrame(toNullable(type)) OVER (
            PARTITION BY view_id ORDER BY seq ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS next_type
        FROM {EVENTS} WHERE {scope(selection)} AND type IN ('play', 'autoplay_blocked')
    ) WHERE type = 'play' AND next_type = 'autoplay_blocked'
),
marked AS (
    SELECT *, type = 'play' AND (view_id, seq) NOT IN (SELECT view_id, seq FROM cancelled) AS starts
    FROM {EVENTS} WHERE {scope(selection)}
)"""


def clocked(selection: Selection, columns: str) -> str:
    """`columns` of events with `watched_ms`: the watch clock until the next event (rule 4)."""
    return f"""{marked(selection)},
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


def covered(selection: Selection) -> str:
    """unique_s by view: the union of its intervals within the video (rule 5), in whole nanoseconds."""
    return f"""covered AS (
    SELECT view_id, any(duration_s) AS length_s,
        sum(greatest(0, to_ns - greatest(from_ns, before_ns))) / 1e9 AS unique_s
    FROM (
        SELECT *, max(to_ns) OVER (
            PARTITION BY view_id ORDER BY from_ns, to_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before_ns
        FROM (
            SELECT view_id, duration_s, toInt64(round(least(from_s, duration_s) * 1e9)) AS from_ns,
                toInt64(round(least(to_s, duration_s) * 1e9)) AS to_ns
            FROM {EVENTS} LEFT JOIN videos USING (video_id) WHERE {scope(selection)} AND type = 'interval'
        )
    )
    GROUP BY view_id
)"""
