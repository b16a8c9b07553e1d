-- How often each view passed each slice, where it did. A row per view and slice: for few views only.
SELECT video_id, period, revision, view_id, viewer_id, second, count(*) AS passes
FROM (SELECT * EXCLUDE (first, past), unnest(range(first, past)) AS second FROM ways WHERE first < past)
GROUP BY ALL
