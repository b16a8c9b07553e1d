-- The stretches of valid views, each with its media length.
SELECT video_id, period, viewer_id, viewer_key, view_id, way.rate, way.to_s - way.from_s AS media_s
FROM (SELECT video_id, period, viewer_id, viewer_key, view_id, unnest(stretches) AS way FROM valid_views)
