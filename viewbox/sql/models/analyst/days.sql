-- The deltas on disk, summed: how much each day's views of a revision played.
SELECT
    video_id, revision, dt, synthetic,
    cast(sum(views) AS BIGINT) AS views,
    cast(sum(valid_views) AS BIGINT) AS valid_views,
    cast(sum(watch_ms) AS BIGINT) AS watch_ms,
    cast(sum(playing_ms) AS BIGINT) AS playing_ms
FROM lake_days
GROUP BY video_id, revision, dt, synthetic
HAVING sum(views) <> 0
