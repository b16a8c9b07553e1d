-- What stays of `days` when it is folded: the sums, and beside them the length that was used last.
SELECT
    video_id, revision, dt, synthetic,
    sum(views) AS views,
    sum(valid_views) AS valid_views,
    sum(watch_ms) AS watch_ms,
    sum(playing_ms) AS playing_ms,
    sum(bots) AS bots,
    sum(invalid) AS invalid,
    sum(page_views) AS page_views,
    sum(gaps) AS gaps,
    sum(timeouts) AS timeouts,
    sum(open_views) AS open_views,
    sum(inconsistent) AS inconsistent,
    max(version) AS version,
    arg_max({'s': duration_s}, version) FILTER (slices IS NOT NULL).s AS duration_s,
    arg_max(slices, version) AS slices
FROM lake_days
GROUP BY video_id, revision, dt, synthetic
HAVING sum(views) <> 0
