-- The viewers of videos with steep slices in at most 200 equal random groups: what the bootstrap of steps draws.
SELECT
    video_id, period, viewer_id, views,
    (row_number() OVER (PARTITION BY video_id, period ORDER BY hash(viewer_id), viewer_id) - 1) % 200 AS unit
FROM (
    SELECT video_id, period, viewer_id, count(*) AS views
    FROM shown_views
    WHERE video_id IN (SELECT video_id FROM steep_slices)
    GROUP BY video_id, period, viewer_id
)
