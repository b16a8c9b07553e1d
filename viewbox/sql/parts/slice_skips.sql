-- Skips by slice: reached = views that passed or skipped it, skip_views = views that skipped it.
SELECT
    grid.video_id, grid.period, grid.revision, grid.second, grid.views AS n,
    coalesce(touched.reached, 0) AS reached, coalesce(touched.skip_views, 0) AS skip_views,
    coalesce(touched.skip_views / nullif(touched.reached, 0), 0) AS skip_share
FROM grid
LEFT JOIN (
    SELECT video_id, period, second, count(DISTINCT view_id) AS reached,
        count(DISTINCT view_id) FILTER (skipped) AS skip_views
    FROM (
        SELECT video_id, period, view_id, second, false AS skipped FROM passes
        UNION ALL
        SELECT video_id, period, view_id, unnest(range(first, past)) AS second, true AS skipped FROM skips
    )
    GROUP BY video_id, period, second
) AS touched
  ON touched.video_id = grid.video_id AND touched.period IS NOT DISTINCT FROM grid.period
 AND touched.second = grid.second
