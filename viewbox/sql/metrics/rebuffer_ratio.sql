-- title: Rebuffer ratio
-- unit: ratio   grain: video_id   empty: null   version: 1
-- rule: Time stalled ÷ watch time, summed over played non-bot views. Start-up and the wait after a seek are no stalls.
-- source: CTA-2066, Stalled Time %
-- interval: bootstrap   population: played_views   numerator: stall_ms   denominator: watch_ms
-- column: stalls count: stalls
-- column: stall_s s: time stalled
-- column: watch_s s: watch time
SELECT
    video_id, period,
    sum(stall_ms) / nullif(sum(watch_ms), 0) AS rebuffer_ratio,
    sum(stalls)::BIGINT AS stalls,
    sum(stall_ms) / 1000 AS stall_s,
    sum(watch_ms) / 1000 AS watch_s,
    count(*) AS n
FROM played_views
GROUP BY video_id, period
