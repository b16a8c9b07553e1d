-- title: Renditions
-- unit: seconds   grain: video_id, height   empty: no rows   version: 1
-- rule: How long each picture height was played, and how long playing starved while it was the last one played, over
--   played non-bot views. Heights that a player does not report are one row without a height.
-- source: ViewBox
-- column: height count: lines of the picture; null where the player says none
-- column: playing_s s: wall-clock time played; the same as renditions
-- column: stalls count: stalls
-- column: stall_s s: time stalled
-- column: n count: views that played it
WITH starved AS (
    SELECT played_views.video_id, played_views.period, stalls.view_id, stalls.seq, stalls.wait_ms
    FROM stalls JOIN played_views ON stalls.view_id = played_views.view_id
)
SELECT
    video_id, period, height,
    sum(playing_ms) / 1000 AS renditions,
    sum(playing_ms) / 1000 AS playing_s,
    sum(stalls)::BIGINT AS stalls,
    sum(stall_ms) / 1000 AS stall_s,
    sum(views)::BIGINT AS n
FROM (
    SELECT
        played_views.video_id, played_views.period, watched.height, sum(watched.playing_ms) AS playing_ms,
        0 AS stalls, 0 AS stall_ms, count(*) FILTER (watched.playing_ms > 0) AS views
    FROM (
        SELECT view_id, height, sum(wall_ms) AS playing_ms
        FROM intervals
        WHERE ($video_id IS NULL OR video_id = $video_id) AND view_id IN (SELECT view_id FROM played_views)
        GROUP BY view_id, height
    ) AS watched
    JOIN played_views ON watched.view_id = played_views.view_id
    GROUP BY played_views.video_id, played_views.period, watched.height
    UNION ALL
    SELECT starved.video_id, starved.period, shown.height, 0, count(*), sum(starved.wait_ms), 0
    FROM starved
    ASOF LEFT JOIN (
        SELECT view_id, seq, height FROM intervals
        WHERE ($video_id IS NULL OR video_id = $video_id) AND view_id IN (SELECT view_id FROM starved)
    ) AS shown ON starved.view_id = shown.view_id AND starved.seq >= shown.seq
    GROUP BY starved.video_id, starved.period, shown.height
)
GROUP BY video_id, period, height
