-- The slices [first, past) that each view passed or skipped, however often. Views that skipped nothing reached what they
-- saw; of the others' ranges, the part that none before it covered.
SELECT video_id, period, first, past FROM seen_ways ANTI JOIN skips USING (view_id)
WHERE first < past
UNION ALL
SELECT video_id, period, greatest(first, coalesce(reached, 0)), past
FROM (
    SELECT *, max(past) OVER (
            PARTITION BY view_id ORDER BY first, past ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached
    FROM (
        SELECT video_id, period, view_id, first, past FROM seen_ways SEMI JOIN skips USING (view_id)
        UNION ALL
        SELECT video_id, period, view_id, first, past FROM skips
    )
    WHERE first < past
)
WHERE greatest(first, coalesce(reached, 0)) < past
