-- 95 % Wilson score interval of a rate on its effective sample size: the variance between viewers, not between
-- views, decides how much each view adds (Dean & Pagano 2015). One view per viewer gives the textbook interval.
-- At a rate of 0 or 1 nothing varies, and each viewer counts once. Fewer than two viewers have no interval.
SELECT
    video_id, period,
    greatest(0, (rate + z * z / (2 * n) - z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))) / (1 + z * z / n)) AS ci_low,
    least(1, (rate + z * z / (2 * n) + z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))) / (1 + z * z / n)) AS ci_high
FROM (
    SELECT
        video_id, period, any_value(rate) AS rate, 1.959963984540054 AS z,
        CASE WHEN any_value(rate) IN (0, 1) THEN count(*)
             ELSE least(sum(denominator), any_value(rate * (1 - rate)) * sum(denominator) ** 2
                  / nullif(sum((numerator - rate * denominator) ** 2), 0))
        END AS n
    FROM (
        SELECT *, sum(numerator) OVER of_group / nullif(sum(denominator) OVER of_group, 0) AS rate
        FROM clusters
        WINDOW of_group AS (PARTITION BY video_id, period)
    )
    WHERE rate IS NOT NULL
    GROUP BY video_id, period    HAVING count(*) > 1
)
