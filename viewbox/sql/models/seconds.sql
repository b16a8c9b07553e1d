-- What views add to `seconds`: rows of `state_views` count `sign` times (+1: as they are now, -1: as they were),
-- so that the same SQL publishes a view, replaces it and takes it back. Rows in which nothing changed are left out.
-- in: state_views (rows of views, with sign)
-- in order of day, video, revision, synthetic and second: what is written sorted need not be sorted again.
-- Counts over ranges of slices are swept: +amount where a range begins, -amount behind its end, then a running sum.
WITH counted_views AS (
    -- `group_no` numbers the groups that are counted together, in their order: shorter to carry than what it stands for.
    SELECT
        *, source = 'synthetic' AS synthetic,
        row_number() OVER () AS place,
        dense_rank() OVER (ORDER BY dt, video_id, revision, source = 'synthetic') AS group_no
    FROM state_views
    WHERE is_valid AND slices IS NOT NULL
),

passes AS (
    -- A stretch passes slice k when from_s <= m < to_s, m = k + 0.5, or half the duration of a video under 1 s.
    SELECT
        place, group_no, sign,
        CASE WHEN duration_s < 1 THEN 0 ELSE greatest(0, cast(ceil(way.from_s - 0.5) AS BIGINT)) END AS lo,
        CASE
            WHEN duration_s < 1 THEN cast(way.from_s <= duration_s / 2 AND duration_s / 2 < way.to_s AS BIGINT)
            ELSE least(slices, cast(ceil(way.to_s - 0.5) AS BIGINT))
        END AS hi,
        coalesce(try_cast(way.rate * 1e9 AS BIGINT), 0) AS rate_e9
    FROM (SELECT place, group_no, sign, slices, duration_s, unnest(stretches) AS way FROM counted_views)
),

marks AS (
    SELECT place, group_no, sign, slices, duration_s, unnest(marks, max_depth := 2)
    FROM counted_views
),

skips AS (
    SELECT
        place, group_no, sign,
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
    SELECT 'views' AS measure, place, group_no, sign, lo, hi FROM passes WHERE lo < hi
    UNION ALL
    SELECT 'skip_views', place, group_no, sign, lo, hi FROM skips WHERE lo < hi
    UNION ALL
    SELECT 'reached', place, group_no, sign, lo, hi FROM passes WHERE lo < hi
    UNION ALL
    SELECT 'reached', place, group_no, sign, lo, hi FROM skips WHERE lo < hi
),

once AS (
    SELECT
        measure, group_no, sign,
        greatest(lo, coalesce(max(hi) OVER (
            PARTITION BY place, measure ORDER BY lo, hi ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0)) AS lo,
        hi
    FROM view_ranges
),

ranges AS (
    -- `weight` is summed up beside the amount where a measure has one.
    SELECT measure, group_no, lo, hi, sign AS amount, 0 AS weight FROM once
    UNION ALL
    SELECT 'plays', group_no, lo, hi, sign, sign * rate_e9 FROM passes
    UNION ALL
    SELECT 'skipped', group_no, lo, hi, sign, 0 FROM skips
),

points AS (
    SELECT 'starts' AS measure, group_no, slices, first_position_s AS position_s, sign AS amount, 0 AS weight
    FROM counted_views
    WHERE first_position_s IS NOT NULL
    UNION ALL
    SELECT 'exits', group_no, slices, last_position_s, sign, 0
    FROM counted_views
    WHERE closed_by IS NOT NULL AND NOT coalesce(completed, FALSE) AND NOT reached_end
    UNION ALL
    SELECT 'landed', group_no, slices, to_s, sign, 0 FROM marks WHERE kind = 'seek' AND counted
    UNION ALL
    SELECT 'left_by_seek', group_no, slices, from_s, sign, 0 FROM marks WHERE kind = 'seek' AND counted
    UNION ALL
    SELECT 'paused', group_no, slices, position_s, sign, 0 FROM marks WHERE kind = 'pause'
    UNION ALL
    SELECT 'stalled', group_no, slices, position_s, sign, sign * wait_ms FROM marks WHERE kind = 'stall'
),

edges AS (
    SELECT measure, group_no, lo AS slice, amount, weight FROM ranges WHERE lo < hi
    UNION ALL
    SELECT measure, group_no, hi, -amount, -weight FROM ranges WHERE lo < hi
    UNION ALL
    SELECT measure, group_no, least(cast(floor(position_s) AS BIGINT), slices - 1), amount, weight FROM points
    UNION ALL
    SELECT measure, group_no, least(cast(floor(position_s) AS BIGINT), slices - 1) + 1, -amount, -weight FROM points
),

turns AS (
    -- The slices where some sum changes, and by how much.
    SELECT
        group_no, slice,
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
        coalesce(sum(weight) FILTER (measure = 'stalled'), 0) AS stall_ms,
        coalesce(sum(weight) FILTER (measure = 'plays'), 0) AS rate_e9
    FROM edges
    GROUP BY group_no, slice
    ORDER BY group_no, slice
),

levels AS (
    -- Every sum is back at zero where a group ends: no partition is needed, and in order none is sorted.
    SELECT
        group_no, slice,
        lead(slice) OVER () AS next_slice,
        cast(sum(plays) OVER along AS BIGINT) AS plays,
        cast(sum(views) OVER along AS BIGINT) AS views,
        cast(sum(reached) OVER along AS BIGINT) AS reached,
        cast(sum(starts) OVER along AS BIGINT) AS starts,
        cast(sum(exits) OVER along AS BIGINT) AS exits,
        cast(sum(landed) OVER along AS BIGINT) AS landed,
        cast(sum(left_by_seek) OVER along AS BIGINT) AS left_by_seek,
        cast(sum(skipped) OVER along AS BIGINT) AS skipped,
        cast(sum(skip_views) OVER along AS BIGINT) AS skip_views,
        cast(sum(paused) OVER along AS BIGINT) AS paused,
        cast(sum(stalled) OVER along AS BIGINT) AS stalled,
        cast(sum(stall_ms) OVER along AS BIGINT) AS stall_ms,
        cast(sum(rate_e9) OVER along AS BIGINT) AS rate_e9
    FROM turns
    WINDOW along AS (ROWS UNBOUNDED PRECEDING)  -- noqa: PRS
)

SELECT
    video_id, revision, dt, synthetic,
    unnest(generate_series(slice, next_slice - 1)) AS second,
    * EXCLUDE (video_id, revision, dt, synthetic, group_no, slice, next_slice, rate_e9),
    rate_e9 / 1e9 AS rate_weighted
FROM (
    SELECT *
    FROM levels
    JOIN (SELECT DISTINCT group_no, video_id, revision, dt, synthetic FROM counted_views) AS labels USING (group_no)
    WHERE
        plays <> 0 OR views <> 0 OR reached <> 0 OR starts <> 0 OR exits <> 0 OR landed <> 0 OR left_by_seek <> 0
        OR skipped <> 0 OR skip_views <> 0 OR paused <> 0 OR stalled <> 0 OR stall_ms <> 0 OR rate_e9 <> 0
    ORDER BY group_no, slice
)
