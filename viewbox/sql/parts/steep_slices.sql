-- Slices where the step of smoothed retention from the slice before lies outside median ± 3 median absolute deviations.
-- Steps are rounded, and outside is farther than rounding makes it: a straight decline must not look steep for the last
-- bits of its numbers, nor a step of exactly three deviations.
SELECT *
FROM (
    SELECT *, median(abs(step - middle)) OVER (PARTITION BY video_id, period) AS deviation
    FROM (
        SELECT *, median(step) OVER (PARTITION BY video_id, period) AS middle
        FROM (
            SELECT
                video_id, period, revision, second, n, slices, half_width,
                round(smoothed - lag(smoothed) OVER (PARTITION BY video_id, period ORDER BY second), 12) AS step
            FROM smoothed_retention
        )
        WHERE step IS NOT NULL
    )
)
WHERE abs(step - middle) > 3 * deviation + 1e-11
