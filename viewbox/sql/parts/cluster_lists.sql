-- The units of each interval as lists: what the bootstrap resamples. The residual numerator - ratio * denominator is what
-- a unit adds to the uncertainty of the ratio. A sample that adds up to nothing has no ratio, and no interval.
SELECT
    video_id, period, count(*) AS units, any_value(ratio) AS ratio,
    sqrt(sum(residual ** 2)) / sum(denominator) AS standard_error,
    bool_and(numerator >= 0) AS is_never_negative, bool_and(numerator <= denominator) AS is_never_above_one,
    list(numerator ORDER BY unit) AS numerators, list(denominator ORDER BY unit) AS denominators,
    list(residual ** 2 ORDER BY unit) AS squares, list(residual * denominator ORDER BY unit) AS products,
    list(denominator ** 2 ORDER BY unit) AS weights
FROM (
    SELECT *, numerator - ratio * denominator AS residual
    FROM (
        SELECT *, sum(numerator) OVER of_group / nullif(sum(denominator) OVER of_group, 0) AS ratio
        FROM (
            SELECT video_id, period, viewer % 400 AS unit, sum(numerator) AS numerator, sum(denominator) AS denominator
            FROM clusters
            GROUP BY video_id, period, unit
        )
        WINDOW of_group AS (PARTITION BY video_id, period)
    )
)
GROUP BY video_id, period
HAVING count(*) > 1 AND sum(denominator) <> 0
