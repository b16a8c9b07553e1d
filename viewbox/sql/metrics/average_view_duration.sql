-- title: Average view duration
-- unit: seconds   grain: video_id   empty: null   version: 1
-- rule: Mean seconds of video played per valid view; a replayed stretch counts again, speed plays no part.
-- source: YouTube Analytics, averageViewDuration (media seconds here)
-- interval: bootstrap   population: valid_views   numerator: media_s   denominator: 1
-- column: median_s seconds: half of the views are longer
SELECT
    video_id, period,
    avg(media_s) AS average_view_duration,
    quantile_cont(media_s, 0.5) AS median_s,
    count(*) AS n
FROM valid_views
GROUP BY video_id, period
