-- title: Drop-offs
-- unit: ratio   grain: video_id, second   empty: no rows   version: 2
-- rule: For each second of the video, the share of valid views that ended there without having finished: closed,
--   neither completed nor at the end, with the last position in that second. Under 30 views there are no rows.
-- source: YouTube Analytics, stoppedWatching
-- param: revision int<=1000000 null: which revision of the video's source; newest
-- column: second s: start of the slice
-- column: exits count: views that ended in it
-- column: smoothed ratio: drop_offs smoothed over 1 % of the video, as in most_replayed
-- column: n count: valid views
SELECT
    video_id, period, revision, second,
    exits / n AS drop_offs,
    exits,
    (
        (half_width + 1 - second) * sum(exits) OVER up_to_here + sum(exits * second) OVER up_to_here
        + (half_width + 1 + second) * coalesce(sum(exits) OVER beyond, 0) - coalesce(sum(exits * second) OVER beyond, 0)
    ) / (
        (half_width + 1) * (before + 1 + behind) - before * (before + 1) / 2 - behind * (behind + 1) / 2
    ) / n AS smoothed,
    n
FROM (
    SELECT *, least(half_width, second) AS before, least(half_width, slices - 1 - second) AS behind
    FROM (
        SELECT
            grid.video_id, grid.period, grid.revision, grid.second, grid.slices, grid.views AS n,
            coalesce(left_here.exits, 0) AS exits,
            greatest(1, round(coalesce(grid.duration_s, grid.slices) / 200))::BIGINT AS half_width
        FROM grid
        LEFT JOIN (
            SELECT video_id, period, least(slices - 1, floor(last_position_s))::BIGINT AS second, count(*) AS exits
            FROM shown_views
            WHERE closed_by IS NOT NULL AND completed IS NOT TRUE AND NOT reached_end
            GROUP BY ALL
        ) AS left_here
          ON left_here.video_id = grid.video_id AND left_here.period IS NOT DISTINCT FROM grid.period
         AND left_here.second = grid.second
        WHERE grid.views >= 30
    )
)
WINDOW
    up_to_here AS (PARTITION BY video_id, period ORDER BY second ROWS BETWEEN half_width PRECEDING AND CURRENT ROW),
    beyond AS (PARTITION BY video_id, period ORDER BY second ROWS BETWEEN 1 FOLLOWING AND half_width FOLLOWING)
