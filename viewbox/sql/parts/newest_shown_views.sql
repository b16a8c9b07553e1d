-- The newest views of the shown revision, as many as are asked for of each video.
SELECT *
FROM shown_views
QUALIFY row_number() OVER (PARTITION BY video_id, period ORDER BY started_at DESC, view_id DESC) <= $newest
