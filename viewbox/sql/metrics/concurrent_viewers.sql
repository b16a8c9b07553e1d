-- title: Concurrent viewers
-- unit: count   grain: video_id, minute_at   empty: no rows   version: 1
-- rule: For each minute, the most viewers whose picture moved at the same instant of it, over valid views; a viewer in two
--   tabs is one. Paused and waiting viewers do not count. Minutes in which nobody played have no row.
-- source: PeerTube, viewersPeak (sweep line); Mux Data, Current Concurrent Viewers
-- column: minute_at UTC: start of the minute
-- column: mean ratio: viewer seconds in the minute ÷ 60
-- column: peak count: the most in any minute of the answer
-- column: peak_at UTC: the first minute with that many
-- column: n count: valid views
SELECT
    minutes.video_id, minutes.period, make_timestamptz(minute * 60000000) AS minute_at,
    minutes.viewers AS concurrent_viewers, minutes.mean,
    max(minutes.viewers) OVER of_video AS peak,
    make_timestamptz(60000000 * arg_max(minute, (minutes.viewers, -minute)) OVER of_video) AS peak_at,
    audience.n
FROM (
    SELECT
        video_id, period, minute, max(viewers)::BIGINT AS viewers,
        sum(viewers * (least(to_ms, (minute + 1) * 60000) - greatest(from_ms, minute * 60000))) / 60000 AS mean
    FROM (
        SELECT *, unnest(range(from_ms // 60000, (to_ms + 59999) // 60000)) AS minute FROM concurrency WHERE viewers > 0
    )
    GROUP BY video_id, period, minute
) AS minutes
JOIN (SELECT video_id, period, count(*) AS n FROM valid_views GROUP BY video_id, period) AS audience
  ON audience.video_id = minutes.video_id AND audience.period IS NOT DISTINCT FROM minutes.period
WINDOW of_video AS (PARTITION BY minutes.video_id, minutes.period)
