-- title: Average percentage viewed
-- unit: ratio   grain: video_id   empty: null   version: 1
-- rule: Mean share of the video that a valid view played at least once. A skip lowers it, a replay does not raise it.
--   Views of a video of unknown length are left out.
-- source: YouTube Analytics, averageViewPercentage, by coverage instead of time
-- interval: bootstrap   population: valid_views   numerator: coverage   denominator: 1
-- column: median ratio: half of the views saw more
SELECT
    video_id, period,
    avg(coverage) AS average_percentage_viewed,
    quantile_cont(coverage, 0.5) AS median,
    count(coverage) AS n
FROM valid_views
GROUP BY video_id, period
