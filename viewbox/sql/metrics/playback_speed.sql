-- title: Playback speed
-- unit: media seconds per second   grain: video_id   empty: null   version: 1
-- rule: Mean speed at which the video was played, each second of video weighing the same, over valid views.
-- source: Snowplow media, avg_playback_rate, weighted by media
-- interval: bootstrap   population: played_stretches   numerator: rate * media_s   denominator: media_s
-- column: media_s s: video played
-- column: playing_s s: wall-clock time that took
-- column: by_rate list of {rate, share}: share of the video played at each speed, slowest first
SELECT
    audience.video_id, audience.period,
    sum(rate_media_s) / nullif(sum(media_s), 0) AS playback_speed,
    coalesce(sum(media_s), 0) AS media_s,
    any_value(audience.playing_s) AS playing_s,
    coalesce(
        list({'rate': rate, 'share': media_s / nullif(total_media_s, 0)} ORDER BY rate) FILTER (rate IS NOT NULL), []
    ) AS by_rate,
    any_value(audience.n) AS n
FROM (
    SELECT video_id, period, count(*) AS n, sum(playing_ms) / 1000 AS playing_s FROM valid_views GROUP BY video_id, period
) AS audience
LEFT JOIN (
    SELECT *, sum(media_s) OVER (PARTITION BY video_id, period) AS total_media_s
    FROM (
        SELECT video_id, period, rate, sum(media_s) AS media_s, sum(rate * media_s) AS rate_media_s
        FROM played_stretches GROUP BY video_id, period, rate
    )
) AS speeds
  ON speeds.video_id = audience.video_id AND speeds.period IS NOT DISTINCT FROM audience.period
GROUP BY audience.video_id, audience.period
