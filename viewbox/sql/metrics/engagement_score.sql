-- title: Engagement score
-- unit: 0 to 100   grain: video_id   empty: null   version: 1
-- rule: Mean over valid views of 100 × (0.5 coverage + 0.2 completed + 0.2 min(1, rewatched ÷ unique) + 0.1 (1 − skipped
--   ÷ duration)), each part between 0 and 1. Views of a video of unknown length are left out.
-- source: ViewBox; weights are ours, and published here
-- interval: bootstrap   population: view_engagement   numerator: score   denominator: 1
-- column: median 0 to 100: half of the views score more
SELECT
    video_id, period,
    avg(score) AS engagement_score,
    quantile_cont(score, 0.5) AS median,
    count(score) AS n
FROM view_engagement
GROUP BY video_id, period
