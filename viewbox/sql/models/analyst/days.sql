-- The deltas on disk, summed: how much each day's views of a revision played.
SELECT
    video_id, revision, dt, synthetic,
    cast(sum(views) AS BIGINT) AS views,
    cast(sum(valid_views) AS BIGINT) AS valid_views,
    cast(sum(watch_ms) AS BIGINT) AS watch_ms,
    cast(sum(playing_ms) AS BIGINT) AS playing_ms,
    cast(sum(bots) AS BIGINT) AS bots,
    cast(sum(invalid) AS BIGINT) AS invalid,
    cast(sum(page_views) AS BIGINT) AS page_views,
    cast(sum(gaps) AS BIGINT) AS gaps,
    cast(sum(timeouts) AS BIGINT) AS timeouts,
    cast(sum(open_views) AS BIGINT) AS open_views,
    cast(sum(inconsistent) AS BIGINT) AS inconsistent
FROM lake_days
GROUP BY video_id, revision, dt, synthetic
HAVING sum(views) <> 0
