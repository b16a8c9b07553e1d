-- The rate of each cohort of two viewers or more, the spread of viewers around it, and its Wilson interval.
SELECT
    cohort, rate, spread,
    (rate + z * z / (2 * n) - z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))) / (1 + z * z / n) AS low,
    (rate + z * z / (2 * n) + z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))) / (1 + z * z / n) AS high
FROM (
    SELECT
        cohort, any_value(rate) AS rate, 1.959963984540054 AS z,
        sum((numerator - rate * denominator) ** 2) AS spread,
        CASE WHEN any_value(rate) IN (0, 1) THEN count(*)
             ELSE least(sum(denominator), any_value(rate * (1 - rate)) * sum(denominator) ** 2
                  / nullif(sum((numerator - rate * denominator) ** 2), 0))
        END AS n
    FROM (
        SELECT *,
            sum(numerator) OVER (PARTITION BY cohort) / nullif(sum(denominator) OVER (PARTITION BY cohort), 0) AS rate
        FROM cohort_viewers
    )
    WHERE rate IS NOT NULL
    GROUP BY cohort
    HAVING count(*) > 1
)
