"""ClickHouse's curves over one video, by second: swept, not unnested."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.analytics.chdb_views import CLOSED, COUNTED, EVENTS, VALID, covered, scope, views_sql
from benchmarks.analytics.questions import COMPLETED_AT, MAX_POINTS, Question
from benchmarks.analytics.slices import Slices
from viewbox.metrics import Selection


def _stretches(selection: Selection, slices: Slices, kind: str) -> str:
    """Slices [lo, hi) of what the chosen views played, or of what they jumped over."""
    return f"""SELECT view_id, rate, to_s, greatest(0, toInt64(ceil(from_s - {slices.middle_s}))) AS lo,
        least({slices.count}, toInt64(ceil(to_s - {slices.middle_s}))) AS hi
    FROM {EVENTS} WHERE {scope(selection)} AND {kind} AND view_id IN (SELECT view_id FROM views)"""


def _passes(selection: Selection, slices: Slices) -> str:
    interval = "type = 'interval'"
    return f"""views AS MATERIALIZED ({views_sql(selection, VALID)}),
passes AS MATERIALIZED ({_stretches(selection, slices, interval)})"""


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
    SELECT k, part.*, n,
        greatest(0, least((k + 1) * {step}, {own_to}) - greatest(k * {step}, toFloat64(second))) AS weight
    FROM (SELECT * FROM {curve} CROSS JOIN told) AS part
    ARRAY JOIN range(
        toUInt64(least({MAX_POINTS - 1}, greatest(0, floor(second / ({step})) - 1))),
        toUInt64(least({MAX_POINTS}, floor({own_to} / ({step})) + 2))
    ) AS k
    WHERE weight > 0
) AS parts GROUP BY k"""


def retention(question: Question, slices: Slices) -> str:
    columns = {"absolute": "plays / n", "unique": "views / n", "n": "n"}
    return f"{_plays_and_views(question.selection, slices)}\n{_resampled(question, slices, columns, 'curve')}"


def replays(question: Question, slices: Slices) -> str:
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


def speed(question: Question, slices: Slices) -> str:
    return f"""WITH {_passes(question.selection, slices)},
{_swept(slices, "curve", "SELECT lo, hi, rate FROM passes", {"plays": "1", "rates": "rate"})}
SELECT '{question.selection.video_id}' AS video_id, second, if(plays > 0, rates / plays, NULL) AS speed_by_second,
    plays, (SELECT count() FROM views) AS n
FROM curve"""


def drop_offs(question: Question, slices: Slices) -> str:
    columns = f"{CLOSED} AS closed, countIf(type = 'ended') > 0 AS ended, argMax(position_s, seq) AS last_s"
    return f"""WITH {covered(question.selection)},
views AS MATERIALIZED ({views_sql(question.selection, VALID, columns)}),
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


def skips(question: Question, slices: Slices) -> str:
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
