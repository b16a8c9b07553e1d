-- title: Drop-offs
-- unit: ratio   grain: video_id, second   empty: no rows   version: 1
-- rule: For each second of the video, the share of valid views that ended there without having finished: closed,
--   neither completed nor at the end, with the last position in that second.
-- source: YouTube Analytics, stoppedWatching
-- param: revision int<=1000000 null: which revision of the video's source; newest
-- column: second s: start of the slice
-- column: exits count: views that ended in it
-- column: n count: valid views
SELECT
    grid.video_id, grid.period, grid.revision, grid.second,
    coalesce(left_here.exits, 0) / grid.views AS drop_offs,
    coalesce(left_here.exits, 0) AS exits,
    grid.views AS n
FROM grid
LEFT JOIN (
    SELECT video_id, period, least(slices - 1, floor(last_position_s))::BIGINT AS second, count(*) AS exits
    FROM shown_views
    WHERE closed_by IS NOT NULL AND completed IS NOT TRUE AND NOT reached_end
    GROUP BY ALL
) AS left_here
  ON left_here.video_id = grid.video_id AND left_here.period IS NOT DISTINCT FROM grid.period
 AND left_here.second = grid.second
