-- What stays of `days` when it is folded: the sums, and beside them the length that was used last.
SELECT
    video_id, revision, dt, synthetic,
    sum(views) AS views,
    sum(valid_views) AS valid_views,
    sum(watch_ms) AS watch_ms,
    sum(playing_ms) AS playing_ms,
    max(version) AS version,
    arg_max({'s': duration_s}, version) FILTER (slices IS NOT NULL).s AS duration_s,
    arg_max(slices, version) AS slices
FROM lake_days
GROUP BY video_id, revision, dt, synthetic
HAVING sum(views) <> 0
