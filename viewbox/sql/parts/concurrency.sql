-- Sweep line: how many viewers were playing from each moment at which that changed until the next one.
SELECT video_id, period, at_ms AS from_ms, lead(at_ms) OVER in_time AS to_ms, sum(change) OVER in_time AS viewers
FROM (
    SELECT video_id, period, at_ms, sum(change) AS change
    FROM (
        SELECT video_id, period, from_ms AS at_ms, 1 AS change FROM presences
        UNION ALL
        SELECT video_id, period, to_ms, -1 FROM presences
    )
    GROUP BY video_id, period, at_ms
)
WINDOW in_time AS (PARTITION BY video_id, period ORDER BY at_ms)
