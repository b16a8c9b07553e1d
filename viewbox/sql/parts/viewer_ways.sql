-- The slices [first, past) that each viewer passed, in whichever view: of each range the part that none before it covered.
SELECT video_id, period, viewer_id, greatest(first, coalesce(reached, 0)) AS first, past
FROM (
    SELECT *, max(past) OVER (
            PARTITION BY video_id, period, viewer_id ORDER BY first, past
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached
    FROM seen_ways
    WHERE $per = 'viewer' AND first < past
)
WHERE greatest(first, coalesce(reached, 0)) < past
