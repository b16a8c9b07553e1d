-- What views add to `seconds`: rows of `state_views` count `sign` times (+1: as they are now, -1: as they were),
-- so that the same SQL publishes a view, replaces it and takes it back. Rows in which nothing changed are left out.
-- in: state_views (rows of views, with sign)
-- Counts over ranges of slices are swept: +amount where a range begins, -amount behind its end, then a running sum.
WITH counted_views AS (
    SELECT *, source = 'synthetic' AS synthetic
    FROM state_views
    WHERE is_valid AND slices IS NOT NULL
),

passes AS (
    -- A stretch passes slice k when from_s <= m < to_s, m = k + 0.5, or half the duration of a video under 1 s.
    SELECT
        view_id, sign,
        CASE WHEN duration_s < 1 THEN 0 ELSE greatest(0, cast(ceil(way.from_s - 0.5) AS BIGINT)) END AS lo,
        CASE
            WHEN duration_s < 1 THEN cast(way.from_s <= duration_s / 2 AND duration_s / 2 < way.to_s AS BIGINT)
            ELSE least(slices, cast(ceil(way.to_s - 0.5) AS BIGINT))
        END AS hi,
        coalesce(try_cast(way.rate * 1e9 AS BIGINT), 0) AS rate_e9
    FROM (SELECT view_id, sign, slices, duration_s, unnest(stretches) AS way FROM counted_views)
),

marks AS (
    SELECT view_id, sign, slices, duration_s, unnest(marks, max_depth := 2)
    FROM counted_views
),

skips AS (
    SELECT
        view_id, sign,
        CASE WHEN duration_s < 1 THEN 0 ELSE greatest(0, cast(ceil(from_s - 0.5) AS BIGINT)) END AS lo,
        CASE
            WHEN duration_s < 1 THEN cast(from_s <= duration_s / 2 AND duration_s / 2 < to_s AS BIGINT)
            ELSE least(slices, cast(ceil(to_s - 0.5) AS BIGINT))
        END AS hi
    FROM marks
    WHERE kind = 'seek' AND counted AND to_s > from_s
),

view_ranges AS (
    -- What counts a view once per slice, however often it came by.
    SELECT 'views' AS measure, view_id, sign, lo, hi FROM passes WHERE lo < hi
    UNION ALL
    SELECT 'skip_views', view_id, sign, lo, hi FROM skips WHERE lo < hi
    UNION ALL
    SELECT 'reached', view_id, sign, lo, hi FROM passes WHERE lo < hi
    UNION ALL
    SELECT 'reached', view_id, sign, lo, hi FROM skips WHERE lo < hi
),

once AS (
    SELECT
        measure, view_id, sign,
        greatest(lo, coalesce(max(hi) OVER (
            PARTITION BY measure, view_id, sign ORDER BY lo, hi ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0)) AS lo,
        hi
    FROM view_ranges
),

ranges AS (
    SELECT measure, view_id, sign, lo, hi, sign AS amount FROM once
    UNION ALL
    SELECT 'plays', view_id, sign, lo, hi, sign AS amount FROM passes
    UNION ALL
    SELECT 'rate_e9', view_id, sign, lo, hi, sign * rate_e9 FROM passes
    UNION ALL
    SELECT 'skipped', view_id, sign, lo, hi, sign AS amount FROM skips
),

points AS (
    SELECT 'starts' AS measure, view_id, sign, first_position_s AS position_s, sign AS amount
    FROM counted_views
    WHERE first_position_s IS NOT NULL
    UNION ALL
    SELECT 'exits', view_id, sign, last_position_s, sign AS amount
    FROM counted_views
    WHERE closed_by IS NOT NULL AND NOT coalesce(completed, FALSE) AND NOT reached_end
    UNION ALL
    SELECT 'landed', view_id, sign, to_s, sign AS amount FROM marks WHERE kind = 'seek' AND counted
    UNION ALL
    SELECT 'left_by_seek', view_id, sign, from_s, sign AS amount FROM marks WHERE kind = 'seek' AND counted
    UNION ALL
    SELECT 'paused', view_id, sign, position_s, sign AS amount FROM marks WHERE kind = 'pause'
    UNION ALL
    SELECT 'stalled', view_id, sign, position_s, sign AS amount FROM marks WHERE kind = 'stall'
    UNION ALL
    SELECT 'stall_ms', view_id, sign, position_s, sign * wait_ms FROM marks WHERE kind = 'stall'
),

edges AS (
    SELECT measure, view_id, sign, lo AS slice, amount FROM ranges WHERE lo < hi
    UNION ALL
    SELECT measure, view_id, sign, hi, -amount FROM ranges WHERE lo < hi
    UNION ALL
    SELECT measure, view_id, sign, least(cast(floor(position_s) AS BIGINT), slices - 1), amount
    FROM points JOIN counted_views USING (view_id, sign)
    UNION ALL
    SELECT measure, view_id, sign, least(cast(floor(position_s) AS BIGINT), slices - 1) + 1, -amount
    FROM points JOIN counted_views USING (view_id, sign)
),

turns AS (
    -- The slices where some sum changes, and by how much.
    SELECT
        v.video_id, v.revision, v.dt, v.synthetic, e.slice,
        coalesce(sum(amount) FILTER (measure = 'plays'), 0) AS plays,
        coalesce(sum(amount) FILTER (measure = 'views'), 0) AS views,
        coalesce(sum(amount) FILTER (measure = 'reached'), 0) AS reached,
        coalesce(sum(amount) FILTER (measure = 'starts'), 0) AS starts,
        coalesce(sum(amount) FILTER (measure = 'exits'), 0) AS exits,
        coalesce(sum(amount) FILTER (measure = 'landed'), 0) AS landed,
        coalesce(sum(amount) FILTER (measure = 'left_by_seek'), 0) AS left_by_seek,
        coalesce(sum(amount) FILTER (measure = 'skipped'), 0) AS skipped,
        coalesce(sum(amount) FILTER (measure = 'skip_views'), 0) AS skip_views,
        coalesce(sum(amount) FILTER (measure = 'paused'), 0) AS paused,
        coalesce(sum(amount) FILTER (measure = 'stalled'), 0) AS stalled,
        coalesce(sum(amount) FILTER (measure = 'stall_ms'), 0) AS stall_ms,
        coalesce(sum(amount) FILTER (measure = 'rate_e9'), 0) AS rate_e9
    FROM edges AS e
    JOIN counted_views AS v USING (view_id, sign)
    GROUP BY v.video_id, v.revision, v.dt, v.synthetic, e.slice
),

levels AS (
    SELECT
        video_id, revision, dt, synthetic, slice,
        lead(slice) OVER along AS next_slice,
        sum(plays) OVER along AS plays,
        sum(views) OVER along AS views,
        sum(reached) OVER along AS reached,
        sum(starts) OVER along AS starts,
        sum(exits) OVER along AS exits,
        sum(landed) OVER along AS landed,
        sum(left_by_seek) OVER along AS left_by_seek,
        sum(skipped) OVER along AS skipped,
        sum(skip_views) OVER along AS skip_views,
        sum(paused) OVER along AS paused,
        sum(stalled) OVER along AS stalled,
        sum(stall_ms) OVER along AS stall_ms,
        sum(rate_e9) OVER along AS rate_e9
    FROM turns
    WINDOW along AS (PARTITION BY video_id, revision, dt, synthetic ORDER BY slice)
)

SELECT
    video_id, revision, dt, synthetic,
    unnest(generate_series(slice, next_slice - 1)) AS second,
    plays, views, reached, starts, exits, landed, left_by_seek, skipped, skip_views, paused, stalled, stall_ms,
    rate_e9 / 1e9 AS rate_weighted
FROM levels
WHERE
    plays <> 0 OR views <> 0 OR reached <> 0 OR starts <> 0 OR exits <> 0 OR landed <> 0 OR left_by_seek <> 0
    OR skipped <> 0 OR skip_views <> 0 OR paused <> 0 OR stalled <> 0 OR stall_ms <> 0 OR rate_e9 <> 0
