-- Speeds by slice: Σ rate over passes, and the passes. For whole UTC days and no filter the table `seconds` has them
-- ready.
SELECT
    grid.video_id, grid.period, grid.revision, grid.second, grid.views AS n,
    coalesce(passed.plays, 0) AS plays, coalesce(passed.rate_weighted, 0) AS rate_weighted
FROM grid
LEFT JOIN (
    SELECT video_id, revision, second, sum(plays)::BIGINT AS plays, sum((rate_weighted * 1e9)::HUGEINT) / 1e9 AS rate_weighted
    FROM shown_seconds GROUP BY video_id, revision, second
) AS passed USING (video_id, revision, second)
