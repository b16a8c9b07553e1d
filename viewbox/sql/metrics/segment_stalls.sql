-- title: Stalls in a stretch
-- unit: ratio   grain: video_id, height   empty: no rows   version: 1
-- rule: For a stretch [from_s, to_s) of the video, by the height of the picture with which a valid view came into it: the
--   share of views that stalled in it, and how many of those that stalled, and of all, left there: closed, neither
--   completed nor at the end, with the last position in the stretch or within the 10 s after it.
-- source: ViewBox
-- param: from_s float<=1000000 0: where the stretch begins
-- param: to_s float<=1000000 6: where it ends
-- param: revision int<=1000000 null: which revision of the video's source; newest
-- column: height px: of the picture; 0 where the player did not tell
-- column: played count: views that played some of it
-- column: stalled count: of these, views that stalled in it
-- column: stall_s s: time stalled in it
-- column: left count: of all, views that left there
-- column: stalled_left count: of those that stalled, views that left there
-- column: n count: as played
SELECT
    video_id, period, height,
    count(*) FILTER (stall_ms IS NOT NULL) / count(*) AS segment_stalls,
    count(*) AS played,
    count(*) FILTER (stall_ms IS NOT NULL) AS stalled,
    coalesce(sum(stall_ms), 0) / 1000 AS stall_s,
    count(*) FILTER (leaves) AS "left",
    count(*) FILTER (leaves AND stall_ms IS NOT NULL) AS stalled_left,
    count(*) AS n
FROM (
    SELECT
        shown_views.video_id, shown_views.period, passing.height, stalling.stall_ms,
        closed_by IS NOT NULL AND completed IS NOT TRUE AND NOT reached_end
            AND last_position_s >= $from_s AND last_position_s < $to_s + 10 AS leaves
    FROM shown_views
    JOIN (
        SELECT view_id, coalesce(arg_min(height, (t_ms, seq)), 0) AS height
        FROM intervals
        WHERE from_s < $to_s AND to_s > $from_s AND video_id IN (SELECT watched_id FROM valid_views)
        GROUP BY view_id
    ) AS passing USING (view_id)
    LEFT JOIN (
        SELECT view_id, sum(wait_ms) AS stall_ms
        FROM shown_marks
        WHERE kind = 'stall' AND position_s >= $from_s AND position_s < $to_s
        GROUP BY view_id
    ) AS stalling USING (view_id)
)
GROUP BY video_id, period, height
