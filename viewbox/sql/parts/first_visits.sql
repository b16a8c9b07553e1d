-- When each of those viewers watched that video for the first time of all.
SELECT video_id AS watched_id, viewer_key, coalesce(source = 'synthetic', false) AS synthetic, min(started_at) AS first_at
FROM newest_views
SEMI JOIN viewer_visits
  ON viewer_visits.viewer_key = newest_views.viewer_key AND viewer_visits.watched_id = newest_views.video_id
WHERE is_valid
GROUP BY ALL
