-- Each viewer of each video: how many of the selected valid views, and when the last of them began.
SELECT
    video_id, period, watched_id, viewer_key, coalesce(source = 'synthetic', false) AS synthetic,
    max(started_at) AS last_at, count(*) AS views
FROM valid_views
GROUP BY ALL
