-- 95 % percentile interval of the difference b - a of two ratios of sums, 400 resamples of viewers with replacement
-- (Efron & Tibshirani 1993, chapter 13). Cohorts that share a viewer are drawn together, since what is common to them
-- cancels out; others each by themselves. Above 400 viewers they are drawn in 400 equal random groups.
SELECT quantile_cont(difference, 0.025) AS ci_low, quantile_cont(difference, 0.975) AS ci_high
FROM (
    SELECT
        draws.resample,
        sum(numerator) FILTER (cohort = 'b') / nullif(sum(denominator) FILTER (cohort = 'b'), 0)
        - sum(numerator) FILTER (cohort = 'a') / nullif(sum(denominator) FILTER (cohort = 'a'), 0) AS difference
    FROM (
        SELECT stratum, resample, hash(stratum, resample, draw) % units AS unit
        FROM (
            SELECT stratum, resample, units, unnest(range(units)) AS draw
            FROM (
                SELECT stratum, least(count(*), 400) AS units, unnest(range(400)) AS resample
                FROM difference_units GROUP BY stratum
            )
        )
    ) AS draws
    JOIN (
        SELECT stratum, unit, cohort, sum(numerator) AS numerator, sum(denominator) AS denominator
        FROM difference_units JOIN cohort_viewers USING (viewer_id)
        WHERE stratum IN ('both', cohort)
        GROUP BY stratum, unit, cohort
    ) AS units
      ON units.stratum = draws.stratum AND units.unit = draws.unit
    GROUP BY draws.resample
)
WHERE (SELECT count(*) FILTER (cohort = 'a') > 1 AND count(*) FILTER (cohort = 'b') > 1 FROM cohort_viewers)
HAVING count(difference) > 0
