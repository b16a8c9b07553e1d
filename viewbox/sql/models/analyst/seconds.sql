-- The deltas on disk, summed. A slice that lost its last view sums to zero everywhere and is left out.
-- Rates are summed in whole billionths: what was added and taken back leaves exactly nothing.
SELECT
    video_id, revision, dt, synthetic, second,
    CAST(sum(plays) AS BIGINT) AS plays,
    CAST(sum(views) AS BIGINT) AS views,
    CAST(sum(reached) AS BIGINT) AS reached,
    CAST(sum(starts) AS BIGINT) AS starts,
    CAST(sum(exits) AS BIGINT) AS exits,
    CAST(sum(landed) AS BIGINT) AS landed,
    CAST(sum(left_by_seek) AS BIGINT) AS left_by_seek,
    CAST(sum(skipped) AS BIGINT) AS skipped,
    CAST(sum(skip_views) AS BIGINT) AS skip_views,
    CAST(sum(paused) AS BIGINT) AS paused,
    CAST(sum(stalled) AS BIGINT) AS stalled,
    CAST(sum(stall_ms) AS BIGINT) AS stall_ms,
    sum(CAST(rate_weighted * 1e9 AS HUGEINT)) / 1e9 AS rate_weighted
FROM lake_seconds
GROUP BY video_id, revision, dt, synthetic, second
HAVING
    sum(plays) <> 0 OR sum(views) <> 0 OR sum(reached) <> 0 OR sum(starts) <> 0 OR sum(exits) <> 0
    OR sum(landed) <> 0 OR sum(left_by_seek) <> 0 OR sum(skipped) <> 0 OR sum(skip_views) <> 0
    OR sum(paused) <> 0 OR sum(stalled) <> 0 OR sum(stall_ms) <> 0
