-- The units of each interval as lists: what the bootstrap resamples.
SELECT
    video_id, period, count(*) AS units,
    list(numerator ORDER BY unit) AS numerators, list(denominator ORDER BY unit) AS denominators
FROM (
    SELECT video_id, period, viewer % 400 AS unit, sum(numerator) AS numerator, sum(denominator) AS denominator
    FROM clusters
    GROUP BY video_id, period, unit
)
GROUP BY video_id, period
HAVING count(*) > 1
