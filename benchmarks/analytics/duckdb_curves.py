"""DuckDB's curves over one video, by second: swept, not unnested."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.analytics.duckdb_views import CLOSED, COUNTED, VALID, covered, scope, views_sql
from benchmarks.analytics.questions import COMPLETED_AT, MAX_POINTS, Question
from benchmarks.analytics.slices import Slices
from viewbox.metrics import Selection


def _passes(selection: Selection, slices: Slices, columns: str = "") -> str:
    """`views` of the video, and the slices [lo, hi) of each stretch that they played."""
    return f"""views AS MATERIALIZED ({views_sql(selection, VALID, columns)}),
passes AS MATERIALIZED (
    SELECT view_id, rate, greatest(0, ceil(from_s - {slices.middle_s}))::BIGINT AS lo,
        least({slices.count}, ceil(to_s - {slices.middle_s}))::BIGINT AS hi
    FROM events SEMI JOIN views USING (view_id)
    WHERE {scope(selection)} AND type = 'interval'
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


def retention(question: Question, slices: Slices) -> str:
    n = "(SELECT count(*) FROM views)"
    columns = {"absolute": f"plays / {n}", '"unique"': f"views / {n}", "n": n}
    return f"{_plays_and_views(question.selection, slices)}\n{_resampled(question, slices, columns, 'curve')}"


def replays(question: Question, slices: Slices) -> str:
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


def speed(question: Question, slices: Slices) -> str:
    ranges = {"plays": "SELECT lo, hi, 1 AS amount FROM passes", "rates": "SELECT lo, hi, rate AS amount FROM passes"}
    return f"""WITH {_passes(question.selection, slices)},
{_swept(slices, ranges)}
SELECT '{question.selection.video_id}' AS video_id, second,
    CASE WHEN plays > 0 THEN rates / plays END AS speed_by_second, plays::BIGINT AS plays,
    (SELECT count(*) FROM views) AS n
FROM curve"""


def drop_offs(question: Question, slices: Slices) -> str:
    columns = f"{CLOSED} AS closed, bool_or(type = 'ended') AS ended, arg_max(position_s, seq) AS last_s"
    views = views_sql(question.selection, VALID, columns)
    return f"""WITH {covered(question.selection)},
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


def skips(question: Question, slices: Slices) -> str:
    ranges = {
        "reached": f"SELECT lo, hi, 1 AS amount FROM ({_once('touched')})",
        "skip_views": f"SELECT lo, hi, 1 AS amount FROM ({_once('skips')})",
    }
    return f"""WITH {_passes(question.selection, slices)},
skips AS MATERIALIZED (
    SELECT view_id, to_s, greatest(0, ceil(from_s - {slices.middle_s}))::BIGINT AS lo,
        least({slices.count}, ceil(to_s - {slices.middle_s}))::BIGINT AS hi
    FROM events SEMI JOIN views USING (view_id)
    WHERE {scope(question.selection)} AND type = 'seek' AND to_s > from_s AND {COUNTED}
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
