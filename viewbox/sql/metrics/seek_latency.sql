-- title: Seek latency
-- unit: seconds   grain: video_id   empty: null   version: 1
-- rule: Mean wait from a jump of the playhead to the next moving frame, over all seeks (by viewer or program) of played
--   non-bot views. A seek that no wait was reported for took none.
-- source: Mux Data, Seek Latency
-- interval: bootstrap   population: seek_waits   numerator: wait_ms / 1000   denominator: 1
-- column: median_s s: half of the seeks wait longer
-- column: p95_s s: one seek in twenty waits longer
-- column: seeks count: seeks
-- column: n count: played non-bot views
SELECT
    audience.video_id, audience.period,
    waits.mean_s AS seek_latency, waits.median_s, waits.p95_s,
    coalesce(waits.seeks, 0) AS seeks,
    audience.n
FROM (SELECT video_id, period, count(*) AS n FROM played_views GROUP BY video_id, period) AS audience
LEFT JOIN (
    SELECT
        video_id, period, avg(wait_ms) / 1000 AS mean_s, quantile_cont(wait_ms, 0.5) / 1000 AS median_s,
        quantile_cont(wait_ms, 0.95) / 1000 AS p95_s, count(*) AS seeks
    FROM seek_waits GROUP BY video_id, period
) AS waits
  ON waits.video_id = audience.video_id AND waits.period IS NOT DISTINCT FROM audience.period
