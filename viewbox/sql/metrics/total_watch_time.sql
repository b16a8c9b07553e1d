-- title: Total watch time
-- unit: seconds   grain: video_id   empty: 0   version: 1
-- rule: Wall-clock seconds of all valid views from play to pause, end or exit; start-up, stalls and seeks included.
--   Rank by playing_s: waiting is nothing to be proud of.
-- source: CTA-2066, watchedTime
-- column: playing_s seconds: part in which the picture moved
-- column: waiting_s seconds: part of start-up, stalls and seeks; playing_s + waiting_s = total_watch_time
-- column: median_s seconds: per view, half are longer
-- column: p90_s seconds: per view, one in ten is longer
SELECT
    video_id, period,
    sum(watch_ms) / 1000 AS total_watch_time,
    sum(playing_ms) / 1000 AS playing_s,
    sum(watch_ms - playing_ms) / 1000 AS waiting_s,
    quantile_cont(watch_ms, 0.5) / 1000 AS median_s,
    quantile_cont(watch_ms, 0.9) / 1000 AS p90_s,
    count(*) AS n
FROM valid_views
GROUP BY video_id, period
