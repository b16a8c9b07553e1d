-- Skips by slice: reached = views that passed or skipped it, skip_views = views that skipped it. For whole UTC days and
-- no filter the table `seconds` has them ready.
SELECT
    grid.video_id, grid.period, grid.revision, grid.second, grid.views AS n,
    coalesce(touched.reached, 0) AS reached, coalesce(touched.skip_views, 0) AS skip_views,
    coalesce(touched.skip_views / nullif(touched.reached, 0), 0) AS skip_share
FROM grid
LEFT JOIN (
    SELECT video_id, revision, second, sum(reached)::BIGINT AS reached, sum(skip_views)::BIGINT AS skip_views
    FROM shown_seconds GROUP BY video_id, revision, second
) AS touched USING (video_id, revision, second)
