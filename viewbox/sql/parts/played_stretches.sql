-- Intervals of valid views, each with its media length.
SELECT
    valid_views.video_id, valid_views.period, valid_views.viewer_id, valid_views.view_id,
    intervals.rate, intervals.wall_ms, intervals.to_s - intervals.from_s AS media_s
FROM intervals JOIN valid_views USING (view_id)
