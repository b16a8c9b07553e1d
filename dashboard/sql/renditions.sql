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
SELECT
    video_id, period, height,
    sum(playing_ms) / 1000 AS renditions,
    sum(playing_ms) / 1000 AS playing_s,
    sum(stalled)::BIGINT AS stalls,
    sum(stall_ms) / 1000 AS stall_s,
    count(DISTINCT view_id) FILTER (playing_ms > 0) AS n
FROM (
    SELECT
        played_views.video_id, played_views.period, played_views.view_id, intervals.height,
        intervals.wall_ms AS playing_ms, 0 AS stalled, 0 AS stall_ms
    FROM intervals JOIN played_views ON intervals.view_id = played_views.view_id
    UNION ALL
    SELECT
        starved.video_id, starved.period, starved.view_id, intervals.height, 0 AS playing_ms, 1 AS stalled,
        starved.wait_ms AS stall_ms
    FROM (
        SELECT played_views.video_id, played_views.period, stalls.view_id, stalls.seq, stalls.wait_ms
        FROM stalls JOIN played_views ON stalls.view_id = played_views.view_id
    ) AS starved
    ASOF LEFT JOIN intervals ON starved.view_id = intervals.view_id AND starved.seq >= intervals.seq
)
GROUP BY video_id, period, height
