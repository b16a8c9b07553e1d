"""DuckDB's views: one row per chosen view_id, with as much of the contract as a number needs."""

from __future__ import annotations

from datetime import timedelta

from viewbox.metrics import Selection

DT_MARGIN = timedelta(days=2)  # a partition is the date inside a view_id, by the viewer's clock
VALID = "NOT bool_or(is_bot) AND sum(wall_ms) >= 1000"
PLAYED = "NOT bool_or(is_bot) AND bool_or(type IN ('playing', 'interval'))"
ATTEMPT = "NOT bool_or(is_bot) AND bool_or(starts)"
STARTED_US = "min(epoch_us(occurred_at) - 1000 * t_ms)"
CLOSED = "(arg_max(type, seq) = 'view_end' OR arg_max(epoch_us(occurred_at), seq) + 300000000 <= epoch_us(now()))"
COUNTED = "coalesce(cause IN ('user', 'chapter', 'skip'), true) AND abs(to_s - from_s) > 0.25"


def scope(selection: Selection) -> str:
    """Conditions that reach the files."""
    conditions = ["true"]
    if selection.since is not None and selection.until is not None:
        first, last = selection.since - DT_MARGIN, selection.until + DT_MARGIN
        conditions.append(f"dt BETWEEN DATE '{first:%Y-%m-%d}' AND DATE '{last:%Y-%m-%d}'")
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
        conditions.append(f"any_value({_dimension(dimension)}) IN ({listed})")
    return " AND ".join(conditions)


def _dimension(name: str) -> str:
    column, _, key = name.partition(".")
    return f"json_extract_string(context, '/{column}/{key}')" if key else name


def views_sql(selection: Selection, population: str, columns: str = "", source: str = "events") -> str:
    """One row per chosen view: view_id and `columns`."""
    return (
        f"SELECT view_id{columns and f', {columns}'} FROM {source} WHERE {scope(selection)}"
        f" GROUP BY view_id HAVING {chosen(selection, population)}"
    )


def labels(selection: Selection) -> tuple[str, str]:
    """(columns of a view, columns to group by) for what rows are about."""
    columns, names = [], []
    if selection.by != "all":
        name = "video_id" if selection.by == "video" else selection.by
        columns.append(f"any_value({name}) AS {name}")
        names.append(name)
    if selection.grain is not None:
        columns.append(f"(make_timestamptz({STARTED_US}) AT TIME ZONE '{selection.timezone}')::DATE AS period")
        names.append("period")
    return ", ".join(columns), ", ".join(names)


def marked(selection: Selection) -> str:
    """Events with `starts`: a play that the browser did not refuse afterwards."""
    return f"""cancelled AS (
    SELECT view_id, seq FROM (
        SELECT view_id, seq, type, lead(type) OVER (PARTITION BY view_id ORDER BY seq) AS next_type
        FROM events WHERE {scope(selection)} AND type IN ('play', 'autoplay_blocked')
    ) WHERE type = 'play' AND next_type = 'autoplay_blocked'
),
marked AS NOT MATERIALIZED (
    SELECT events.*, type = 'play' AND cancelled.seq IS NULL AS starts
    FROM events LEFT JOIN cancelled USING (view_id, seq) WHERE {scope(selection)}
)"""


def clocked(selection: Selection) -> str:
    """Events with `watched_ms`: the watch clock until the next event (rule 4)."""
    return f"""{marked(selection)},
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


def covered(selection: Selection) -> str:
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
            FROM events LEFT JOIN videos USING (video_id) WHERE {scope(selection)} AND type = 'interval'
        )
    )
    GROUP BY view_id
)"""
