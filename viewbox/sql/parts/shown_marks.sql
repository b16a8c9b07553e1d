-- Jumps, stalls and counted pauses of the shown views.
SELECT video_id, period, revision, view_id, viewer_id, slices, middle_s, unnest(marks, max_depth := 2)
FROM shown_views
WHERE len(marks) > 0
