-- What played non-bot views played at a known bitrate.
SELECT video_id, period, viewer_id, viewer_key, mean_bitrate_bps AS bitrate_bps, bitrate_ms AS wall_ms
FROM played_views
WHERE mean_bitrate_bps IS NOT NULL
