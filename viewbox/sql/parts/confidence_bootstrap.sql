-- 95 % percentile interval of sum(numerator) / sum(denominator), 400 resamples of viewers with replacement
-- (Efron & Tibshirani 1993, chapter 13). hash() stands in for chance, so the same views always give the same
-- interval. Above 400 viewers they are drawn in 400 equal random groups; fewer than two have no interval.
SELECT video_id, period, quantile_cont(mean, 0.025) AS ci_low, quantile_cont(mean, 0.975) AS ci_high
FROM (
    SELECT draws.video_id, draws.period, sum(numerator) / nullif(sum(denominator), 0) AS mean
    FROM (
        SELECT video_id, period, resample, hash(resample, draw) % units AS unit
        FROM (
            SELECT video_id, period, least(count(*), 400) AS units,
                unnest(range(400)) AS resample
            FROM clusters GROUP BY video_id, period HAVING count(*) > 1
        ), unnest(range(units)) AS draw_list(draw)
    ) AS draws
    JOIN (
        SELECT video_id, period, viewer % 400 AS unit, sum(numerator) AS numerator, sum(denominator) AS denominator
        FROM clusters GROUP BY video_id, period, viewer % 400
    ) AS units
      ON units.video_id = draws.video_id AND units.period IS NOT DISTINCT FROM draws.period AND units.unit = draws.unit
    GROUP BY draws.video_id, draws.period, resample
)
GROUP BY video_id, period
