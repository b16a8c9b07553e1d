-- Exits of valid views (closed, neither completed nor at the end), each with whether its last event came at most 10 s
-- after the end of a stall.
SELECT
    valid_views.video_id, valid_views.period, valid_views.viewer_id,
    coalesce(epoch_ms(ended_at) - epoch_ms(started_at) - last_stalls.t_ms <= 10000, FALSE) AS after_stall
FROM valid_views
LEFT JOIN (
    SELECT view_id, max(t_ms) AS t_ms FROM stalls
    WHERE view_id IN (SELECT view_id FROM valid_views) GROUP BY view_id
) AS last_stalls USING (view_id)
WHERE closed_by IS NOT NULL AND completed IS NOT TRUE AND NOT reached_end
