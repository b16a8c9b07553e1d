-- title: Cohorts compared
-- unit: as the metric   grain: as the metric   empty: null   version: 1
-- rule: Any metric for two cohorts a and b, each a query string of filters (video_id=x&browser=Firefox), and the difference
--   b − a. Filters, video and period of the whole question hold for both cohorts unless a cohort has its own. A metric
--   with a row per video counts over all views of a cohort; any other one wants one video per cohort and is compared row
--   by row. The interval is that of the difference, where the metric has one: for means by resampling viewers 400 times,
--   a viewer of both cohorts in both at once; for rates from the two Wilson intervals and their correlation. A cohort of
--   one viewer has none.
-- source: Efron & Tibshirani 1993, chapter 13; Newcombe 1998, method 10; Zou & Donner 2008
-- param: metric text<=64 null: which metric
-- param: a text<=2000 null: the first cohort; further parameters of the metric as param.NAME=value
-- param: b text<=2000 null: the second cohort
-- column: a as the metric: its value for cohort a
-- column: b as the metric: its value for cohort b
-- column: difference as the metric: b − a; the same as compare
-- column: relative ratio: difference ÷ a
-- column: n_a count: views (or viewers) behind a
-- column: n_b count: views (or viewers) behind b
-- column: ci_low as the metric: 95 % interval of the difference
-- column: ci_high as the metric: its other end
-- column: n count: n_a + n_b
SELECT
    cohorts.* EXCLUDE (a, b, n_a, n_b),
    a, b,
    b - a AS compare,
    compare AS difference,
    compare / nullif(a, 0) AS relative,
    difference_interval.ci_low, difference_interval.ci_high,
    coalesce(n_a, 0) AS n_a,
    coalesce(n_b, 0) AS n_b,
    coalesce(n_a, 0) + coalesce(n_b, 0) AS n
FROM cohorts
LEFT JOIN difference_interval ON TRUE
