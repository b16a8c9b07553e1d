-- Viewers who passed each slice in any of their views; only asked for with per=viewer. Swept over each viewer's union.
SELECT video_id, period, second, sum(sum(viewers)) OVER (PARTITION BY video_id, period ORDER BY second)::BIGINT AS viewers
FROM (
    SELECT video_id, period, first AS second, count(*) AS viewers FROM viewer_ways GROUP BY ALL
    UNION ALL
    SELECT video_id, period, past, -count(*) FROM viewer_ways GROUP BY ALL
    UNION ALL
    SELECT video_id, period, second, 0 FROM grid WHERE $per = 'viewer'
)
GROUP BY video_id, period, second
