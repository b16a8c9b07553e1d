-- Every jump of played non-bot views, counted as behaviour or not: the wait is as long for a chapter as for a resume.
SELECT played_views.video_id, played_views.period, played_views.viewer_id, seeks.wait_ms
FROM seeks JOIN played_views USING (view_id)
