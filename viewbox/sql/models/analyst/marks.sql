-- Seeks, stalls and counted pauses of every view, one row each.
SELECT view_id, video_id, viewer_id, dt, unnest(marks, max_depth := 2)
FROM newest_views
