-- 95 % percentile interval of sum(numerator) / sum(denominator), 400 resamples of viewers with replacement
-- (Efron & Tibshirani 1993, chapter 13). hash() stands in for chance, so the same views always give the same
-- interval. Above 400 viewers they are drawn in 400 equal random groups; fewer than two have no interval.
SELECT video_id, period, quantile_cont(mean, 0.025) AS ci_low, quantile_cont(mean, 0.975) AS ci_high
FROM (
    SELECT
        video_id, period,
        list_dot_product(times[:units], numerators) / nullif(list_dot_product(times[:units], denominators), 0) AS mean
    FROM cluster_lists, bootstrap_draws
)
GROUP BY video_id, period
