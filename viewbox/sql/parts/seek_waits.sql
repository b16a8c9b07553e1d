-- Every jump of played non-bot views, counted as behaviour or not: the wait is as long for a chapter as for a resume.
SELECT video_id, period, viewer_id, viewer_key, wait_ms
FROM (SELECT video_id, period, viewer_id, viewer_key, unnest(marks, max_depth := 2) FROM played_views WHERE len(marks) > 0)
WHERE kind = 'seek'
