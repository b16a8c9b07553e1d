-- Passes by slice: plays, and views with at least one.
SELECT
    grid.video_id, grid.period, grid.revision, grid.second, grid.views AS n, grid.slices, grid.duration_s,
    coalesce(passed.plays, 0) AS plays, coalesce(passed.views, 0) AS views
FROM grid
LEFT JOIN (
    SELECT video_id, period, second, sum(passes)::BIGINT AS plays, count(*) AS views
    FROM passes GROUP BY video_id, period, second
) AS passed
  ON passed.video_id = grid.video_id AND passed.period IS NOT DISTINCT FROM grid.period AND passed.second = grid.second
