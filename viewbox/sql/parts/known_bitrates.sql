-- Stretches that played non-bot views played at a known bitrate.
SELECT
    played_views.video_id, played_views.period, played_views.viewer_id, intervals.bitrate_bps, intervals.wall_ms
FROM intervals JOIN played_views USING (view_id)
WHERE intervals.bitrate_bps IS NOT NULL
