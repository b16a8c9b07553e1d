-- Passes by slice: plays, and views with at least one. Swept: what begins in a slice less what ended before it, added up
-- along the video.
SELECT
    grid.video_id, grid.period, grid.revision, grid.second, grid.views AS n, grid.slices, grid.duration_s,
    coalesce(sum(turns.plays) OVER along, 0)::BIGINT AS plays,
    coalesce(sum(turns.views) OVER along, 0)::BIGINT AS views
FROM grid
LEFT JOIN (
    SELECT video_id, period, second, sum(plays) AS plays, sum(views) AS views
    FROM (
        SELECT video_id, period, first AS second, count(*) AS plays, 0 AS views
        FROM ways WHERE first < past GROUP BY ALL
        UNION ALL
        SELECT video_id, period, past, -count(*), 0 FROM ways WHERE first < past GROUP BY ALL
        UNION ALL
        SELECT video_id, period, first, 0, count(*) FROM seen_ways WHERE first < past GROUP BY ALL
        UNION ALL
        SELECT video_id, period, past, 0, -count(*) FROM seen_ways WHERE first < past GROUP BY ALL
    )
    GROUP BY video_id, period, second
) AS turns
  ON turns.video_id = grid.video_id AND turns.period IS NOT DISTINCT FROM grid.period AND turns.second = grid.second
WINDOW along AS (PARTITION BY grid.video_id, grid.period ORDER BY grid.second ROWS UNBOUNDED PRECEDING)
