-- title: Rebuffer frequency
-- unit: per hour   grain: video_id   empty: null   version: 1
-- rule: Stalls per hour of playing, over played non-bot views.
-- source: Media3 PlaybackStats, meanTimeBetweenRebuffers
-- interval: bootstrap   population: played_views   numerator: stalls   denominator: playing_ms / 3600000
-- column: mean_between_s s: mean playing time between stalls
-- column: stalls count: stalls
SELECT
    video_id, period,
    sum(stalls) / nullif(sum(playing_ms) / 3600000, 0) AS rebuffer_frequency,
    sum(playing_ms) / 1000 / nullif(sum(stalls), 0) AS mean_between_s,
    sum(stalls)::BIGINT AS stalls,
    count(*) AS n
FROM played_views
GROUP BY video_id, period
