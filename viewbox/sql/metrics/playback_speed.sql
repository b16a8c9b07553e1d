-- title: Playback speed
-- unit: media seconds per second   grain: video_id   empty: null   version: 1
-- rule: Mean speed at which the video was played, each second of video weighing the same, over valid views.
-- source: Snowplow media, avg_playback_rate, weighted by media
-- interval: bootstrap   population: played_stretches   numerator: rate * media_s   denominator: media_s
-- column: media_s s: video played
-- column: playing_s s: wall-clock time that took
-- column: by_rate list of {rate, share}: share of the video played at each speed, slowest first
SELECT
    video_id, period,
    sum(rate_media_s) / nullif(sum(media_s), 0) AS playback_speed,
    sum(media_s) AS media_s,
    sum(wall_ms) / 1000 AS playing_s,
    list({'rate': rate, 'share': media_s / nullif(total_media_s, 0)} ORDER BY rate) AS by_rate,
    any_value(n) AS n
FROM (
    SELECT *, sum(media_s) OVER of_group AS total_media_s
    FROM (
        SELECT video_id, period, rate, any_value(n) AS n,
            sum(media_s) AS media_s, sum(rate * media_s) AS rate_media_s, sum(wall_ms) AS wall_ms
        FROM (SELECT *, count(DISTINCT view_id) OVER (PARTITION BY video_id, period) AS n FROM played_stretches)
        GROUP BY video_id, period, rate
    )
    WINDOW of_group AS (PARTITION BY video_id, period)
)
GROUP BY video_id, period
