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
        100 * exp(-0.33 * upscaling) AS picture,
        CASE WHEN failed THEN 0 WHEN exit_before_start THEN 50 WHEN played THEN 100 END AS success
    FROM attempts
)
