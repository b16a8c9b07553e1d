-- The slices [first, past) that each view skipped, however often: of each skip the part that none before it covered.
SELECT video_id, period, view_id, greatest(first, coalesce(reached, 0)) AS first, past
FROM (
    SELECT *, max(past) OVER (
            PARTITION BY view_id ORDER BY first, past ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached
    FROM skips
    WHERE first < past
)
WHERE greatest(first, coalesce(reached, 0)) < past
