-- 95 % interval of the difference b - a of two rates, from their Wilson intervals on effective sample sizes (as in
-- confidence_wilson): Newcombe 1998, method 10, with the correlation that viewers of both cohorts bring about (Zou &
-- Donner 2008).
SELECT
    b.rate - a.rate - sqrt(greatest(0,
        (b.rate - b.low) ** 2 - 2 * rho * (b.rate - b.low) * (a.high - a.rate) + (a.high - a.rate) ** 2
    )) AS ci_low,
    b.rate - a.rate + sqrt(greatest(0,
        (b.high - b.rate) ** 2 - 2 * rho * (b.high - b.rate) * (a.rate - a.low) + (a.rate - a.low) ** 2
    )) AS ci_high
FROM (SELECT * FROM cohort_rates WHERE cohort = 'a') AS a
JOIN (SELECT * FROM cohort_rates WHERE cohort = 'b') AS b ON TRUE
JOIN (
    SELECT greatest(-1, least(1, coalesce(
        sum(in_a.numerator * in_b.numerator - in_a.numerator * in_b.denominator * rate_b.rate
            - in_a.denominator * in_b.numerator * rate_a.rate
            + in_a.denominator * in_b.denominator * rate_a.rate * rate_b.rate)
        / nullif(sqrt(any_value(rate_a.spread) * any_value(rate_b.spread)), 0),
        0
    ))) AS rho
    FROM cohort_viewers AS in_a
    JOIN cohort_viewers AS in_b ON in_b.viewer_id = in_a.viewer_id AND in_b.cohort = 'b'
    JOIN cohort_rates AS rate_a ON rate_a.cohort = in_a.cohort
    JOIN cohort_rates AS rate_b ON rate_b.cohort = in_b.cohort
    WHERE in_a.cohort = 'a'
) AS correlation ON TRUE
