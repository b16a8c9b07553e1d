-- Speeds by slice: Σ rate over passes, and the passes. Swept like slice_plays, in whole billionths so that what began and
-- ended leaves exactly nothing.
SELECT
    grid.video_id, grid.period, grid.revision, grid.second, grid.views AS n,
    coalesce(sum(turns.plays) OVER along, 0)::BIGINT AS plays,
    coalesce(sum(turns.rate_e9) OVER along, 0) / 1e9 AS rate_weighted
FROM grid
LEFT JOIN (
    SELECT video_id, period, second, sum(plays) AS plays, sum(rate_e9) AS rate_e9
    FROM (
        SELECT video_id, period, first AS second, count(*) AS plays, sum(round(rate * 1e9)::BIGINT) AS rate_e9
        FROM ways WHERE first < past GROUP BY ALL
        UNION ALL
        SELECT video_id, period, past, -count(*), -sum(round(rate * 1e9)::BIGINT)
        FROM ways WHERE first < past GROUP BY ALL
    )
    GROUP BY video_id, period, second
) AS turns
  ON turns.video_id = grid.video_id AND turns.period IS NOT DISTINCT FROM grid.period AND turns.second = grid.second
WINDOW along AS (PARTITION BY grid.video_id, grid.period ORDER BY grid.second ROWS UNBOUNDED PRECEDING)
