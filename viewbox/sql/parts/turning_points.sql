-- Steep slices whose 90 % interval (percentiles over resampled viewers) leaves zero out, in runs of neighbours. A spike
-- rises and a dip falls, by its largest step (of equal ones the first): where a decline just pauses, the curve is as steep as it is usual to be, and no moment.
SELECT
    video_id, period, revision, kind, min(second) AS from_s, max(second) + 1 AS to_s,
    arg_max(step, (abs(step), -second)) AS step,
    arg_max(ci_low, (abs(step), -second)) AS ci_low, arg_max(ci_high, (abs(step), -second)) AS ci_high,
    any_value(n) AS n
FROM (
    SELECT *, second - row_number() OVER (PARTITION BY video_id, period, kind ORDER BY second) AS run
    FROM (
        SELECT
            steep_slices.video_id, steep_slices.period, steep_slices.revision, steep_slices.second, steep_slices.step,
            steep_slices.n, shaken.ci_low, shaken.ci_high,
            CASE WHEN steep_slices.step > steep_slices.middle THEN 'spike' ELSE 'dip' END AS kind
        FROM steep_slices
        JOIN (
            SELECT
                video_id, period, second, quantile_cont(step, 0.05) AS ci_low, quantile_cont(step, 0.95) AS ci_high
            FROM (
                SELECT
                    group_steps.video_id, group_steps.period, group_steps.second,
                    list_dot_product(group_draws.times_list, group_steps.step_list)
                    / nullif(list_dot_product(group_draws.times_list, group_steps.view_list), 0) AS step
                FROM group_steps JOIN group_draws USING (units)
            )
            GROUP BY video_id, period, second
        ) AS shaken
          ON shaken.video_id = steep_slices.video_id AND shaken.period IS NOT DISTINCT FROM steep_slices.period
         AND shaken.second = steep_slices.second
        WHERE (steep_slices.step > steep_slices.middle AND shaken.ci_low > 1e-12)
           OR (steep_slices.step < steep_slices.middle AND shaken.ci_high < -1e-12)
    )
)
GROUP BY video_id, period, revision, kind, run
