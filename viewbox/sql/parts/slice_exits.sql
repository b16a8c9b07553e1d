-- Exits by slice: closed views, neither completed nor at the end, by their last position.
SELECT
    grid.video_id, grid.period, grid.revision, grid.second, grid.views AS n, coalesce(left_here.exits, 0) AS exits
FROM grid
LEFT JOIN (
    SELECT video_id, period, least(slices - 1, floor(last_position_s))::BIGINT AS second, count(*) AS exits
    FROM shown_views
    WHERE closed_by IS NOT NULL AND completed IS NOT TRUE AND NOT reached_end
    GROUP BY ALL
) AS left_here
  ON left_here.video_id = grid.video_id AND left_here.period IS NOT DISTINCT FROM grid.period
 AND left_here.second = grid.second
