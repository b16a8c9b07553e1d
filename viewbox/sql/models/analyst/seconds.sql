-- The deltas on disk, summed. A slice that lost its last view sums to zero everywhere and is left out.
-- Rates are summed in whole billionths: what was added and taken back leaves exactly nothing.
SELECT
    video_id, revision, dt, synthetic, second,
    cast(sum(plays) AS BIGINT) AS plays,
    cast(sum(views) AS BIGINT) AS views,
    cast(sum(reached) AS BIGINT) AS reached,
    cast(sum(starts) AS BIGINT) AS starts,
    cast(sum(exits) AS BIGINT) AS exits,
    cast(sum(landed) AS BIGINT) AS landed,
    cast(sum(left_by_seek) AS BIGINT) AS left_by_seek,
    cast(sum(skipped) AS BIGINT) AS skipped,
    cast(sum(skip_views) AS BIGINT) AS skip_views,
    cast(sum(paused) AS BIGINT) AS paused,
    cast(sum(stalled) AS BIGINT) AS stalled,
    cast(sum(stall_ms) AS BIGINT) AS stall_ms,
    sum(cast(rate_weighted * 1e9 AS HUGEINT)) / 1e9 AS rate_weighted
FROM lake_seconds
GROUP BY video_id, revision, dt, synthetic, second
HAVING
    sum(plays) <> 0 OR sum(views) <> 0 OR sum(reached) <> 0 OR sum(starts) <> 0 OR sum(exits) <> 0
    OR sum(landed) <> 0 OR sum(left_by_seek) <> 0 OR sum(skipped) <> 0 OR sum(skip_views) <> 0
    OR sum(paused) <> 0 OR sum(stalled) <> 0 OR sum(stall_ms) <> 0
