-- title: Average watch time
-- unit: seconds   grain: video_id   empty: null   version: 1
-- rule: Wall-clock seconds of a view from play to pause, end or exit; start-up, stalls and seeks included, pauses not.
--   At double speed a minute of video takes half a minute.
-- source: CTA-2066, watchedTime
-- interval: bootstrap   population: valid_views   numerator: watch_ms / 1000   denominator: 1
-- column: playing_s seconds: mean part in which the picture moved
-- column: waiting_s seconds: mean part of start-up, stalls and seeks; playing_s + waiting_s = average_watch_time
-- column: median_s seconds: half of the views are longer
-- column: p90_s seconds: one view in ten is longer
SELECT
    video_id, period,
    avg(watch_ms) / 1000 AS average_watch_time,
    avg(playing_ms) / 1000 AS playing_s,
    avg(watch_ms - playing_ms) / 1000 AS waiting_s,
    quantile_cont(watch_ms, 0.5) / 1000 AS median_s,
    quantile_cont(watch_ms, 0.9) / 1000 AS p90_s,
    count(*) AS n
FROM valid_views
GROUP BY video_id, period
