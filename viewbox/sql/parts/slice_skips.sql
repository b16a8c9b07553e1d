-- Skips by slice: reached = views that passed or skipped it, skip_views = views that skipped it. Swept like slice_plays.
SELECT
    grid.video_id, grid.period, grid.revision, grid.second, grid.views AS n,
    coalesce(sum(turns.reached) OVER along, 0)::BIGINT AS reached,
    coalesce(sum(turns.skip_views) OVER along, 0)::BIGINT AS skip_views,
    coalesce(sum(turns.skip_views) OVER along / nullif(sum(turns.reached) OVER along, 0), 0) AS skip_share
FROM grid
LEFT JOIN (
    SELECT video_id, period, second, sum(reached) AS reached, sum(skip_views) AS skip_views
    FROM (
        SELECT video_id, period, first AS second, count(*) AS reached, 0 AS skip_views FROM reached_ways GROUP BY ALL
        UNION ALL
        SELECT video_id, period, past, -count(*), 0 FROM reached_ways GROUP BY ALL
        UNION ALL
        SELECT video_id, period, first, 0, count(*) FROM skipped_ways GROUP BY ALL
        UNION ALL
        SELECT video_id, period, past, 0, -count(*) FROM skipped_ways GROUP BY ALL
    )
    GROUP BY video_id, period, second
) AS turns
  ON turns.video_id = grid.video_id AND turns.period IS NOT DISTINCT FROM grid.period AND turns.second = grid.second
WINDOW along AS (PARTITION BY grid.video_id, grid.period ORDER BY grid.second ROWS UNBOUNDED PRECEDING)
