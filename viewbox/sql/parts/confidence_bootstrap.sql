-- 95 % interval of sum(numerator) / sum(denominator): the bootstrap-t (Efron & Tibshirani 1993, chapter 12; Hall 1988), 400
-- resamples of viewers with replacement. How far each resample's ratio lies off is counted in its own standard errors,
-- which keeps the promise for skewed data too: rare stalls, long tails. Below 20 units their standard errors mean little,
-- and the plain percentiles stand (chapter 13). A resample whose units all agree, as where none of a few rare events was
-- drawn, has no standard error to count in, and is left out. No end lies beyond 0 or 1 where no unit does. hash() stands
-- in for chance, so the same views always give the same interval. Above 400 viewers they are drawn in 400 equal random
-- groups; fewer than two have no interval.
SELECT
    video_id, period,
    CASE WHEN is_never_negative THEN greatest(0, low) ELSE low END AS ci_low,
    CASE WHEN is_never_above_one THEN least(1, high) ELSE high END AS ci_high
FROM (
    SELECT
        video_id, period, any_value(is_never_negative) AS is_never_negative, any_value(is_never_above_one) AS is_never_above_one,
        any_value(units) < 20 OR any_value(standard_error) = 0 AS is_plain,
        CASE WHEN is_plain THEN quantile_cont(mean, 0.025)
             ELSE any_value(ratio) - any_value(standard_error) * quantile_cont(off, 0.975) END AS low,
        CASE WHEN is_plain THEN quantile_cont(mean, 0.975)
             ELSE any_value(ratio) - any_value(standard_error) * quantile_cont(off, 0.025) END AS high
    FROM (
        SELECT
            -- What is left of equal sums for the last bits of their numbers is no spread.
            *, CASE WHEN spread > 1e-12 * (own + moved) THEN (mean - ratio) * drawn / sqrt(spread) END AS off
        FROM (
            SELECT
                *, list_dot_product(times, squares) AS own, (mean - ratio) ** 2 * list_dot_product(times, weights) AS moved,
                own - 2 * (mean - ratio) * list_dot_product(times, products) + moved AS spread
            FROM (
                SELECT *, list_dot_product(times, numerators) / nullif(drawn, 0) AS mean
                FROM (
                    SELECT *, list_dot_product(times, denominators) AS drawn
                    FROM (SELECT cluster_lists.*, times[:units] AS times FROM cluster_lists, bootstrap_draws)
                )
            )
        )
    )
    GROUP BY video_id, period
)
