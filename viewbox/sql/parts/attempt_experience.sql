-- The experience score of each attempt, and its parts. An attempt that neither played nor ended has none yet.
SELECT
    *,
    CASE WHEN failed THEN 0 WHEN exit_before_start THEN 50
         ELSE success / 100 * list_avg([startup, smoothness, picture]) END AS score
FROM (
    SELECT
        attempts.*,
        800 / (8 + startup_ms / 1000) AS startup,
        CASE WHEN played THEN
            50 / sqrt(1 + (stalls / 2) ** 2) + 50 * exp(-10 * coalesce(rebuffer_ratio, 0))
        END AS smoothness,
        100 * exp(-0.33 * upscaling.ratio) AS picture,
        CASE WHEN failed THEN 0 WHEN exit_before_start THEN 50 WHEN played THEN 100 END AS success
    FROM attempts
    LEFT JOIN (
        SELECT
            intervals.view_id,
            sum(intervals.wall_ms * greatest(0, tried.player_h / intervals.height - 1))
                / nullif(sum(intervals.wall_ms), 0) AS ratio
        FROM intervals JOIN attempts AS tried USING (view_id)
        WHERE intervals.height > 0 AND tried.player_h IS NOT NULL
        GROUP BY intervals.view_id
    ) AS upscaling USING (view_id)
)
