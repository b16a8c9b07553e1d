-- Passes by slice: plays, and views with at least one. For whole UTC days and no filter the table `seconds` has them
-- ready; the intervals give the same numbers.
SELECT
    grid.video_id, grid.period, grid.revision, grid.second, grid.views AS n, grid.slices, grid.duration_s,
    coalesce(passed.plays, 0) AS plays, coalesce(passed.views, 0) AS views
FROM grid
LEFT JOIN (
    SELECT video_id, revision, second, sum(plays)::BIGINT AS plays, sum(views)::BIGINT AS views
    FROM shown_seconds GROUP BY video_id, revision, second
) AS passed USING (video_id, revision, second)
