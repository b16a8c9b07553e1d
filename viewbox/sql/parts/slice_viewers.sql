-- Viewers who passed each slice in any of their views; only asked for with per=viewer, as counting them is slow.
SELECT video_id, period, second, count(DISTINCT viewer_id) AS viewers
FROM passes
WHERE $per = 'viewer'
GROUP BY video_id, period, second
