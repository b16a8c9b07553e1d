-- What each group of viewers adds to the step at each steep slice, in views, as a list in the order of groups; and the
-- views of the groups in the same order.
SELECT steps.video_id, steps.period, steps.second, steps.step_list, sizes.view_list, sizes.units
FROM (
    SELECT video_id, period, second, list(step::DOUBLE ORDER BY unit) AS step_list
    FROM (
        SELECT *, smoothed - lag(smoothed) OVER (PARTITION BY video_id, period, unit ORDER BY second) AS step
        FROM (
            SELECT
                video_id, period, unit, second,
                (
                    (half_width + 1 - second) * sum(plays) OVER up_to_here + sum(plays * second) OVER up_to_here
                    + (half_width + 1 + second) * coalesce(sum(plays) OVER beyond, 0)
                    - coalesce(sum(plays * second) OVER beyond, 0)
                ) / (
                    (half_width + 1) * (before + 1 + behind) - before * (before + 1) / 2 - behind * (behind + 1) / 2
                ) AS smoothed
            FROM (
                SELECT *, least(half_width, second) AS before, least(half_width, slices - 1 - second) AS behind
                FROM group_plays
            )
            WINDOW
                up_to_here AS (
                    PARTITION BY video_id, period, unit ORDER BY second
                    RANGE BETWEEN half_width PRECEDING AND CURRENT ROW
                ),
                beyond AS (
                    PARTITION BY video_id, period, unit ORDER BY second
                    RANGE BETWEEN 1 FOLLOWING AND half_width FOLLOWING
                )
        )
    )
    WHERE (video_id, second) IN (SELECT (video_id, second) FROM steep_slices)
    GROUP BY video_id, period, second
) AS steps
JOIN (
    SELECT video_id, period, list(views::DOUBLE ORDER BY unit) AS view_list, count(*) AS units
    FROM (SELECT video_id, period, unit, sum(views) AS views FROM viewer_groups GROUP BY video_id, period, unit)
    GROUP BY video_id, period
    HAVING count(*) > 1
) AS sizes
  ON sizes.video_id = steps.video_id AND sizes.period IS NOT DISTINCT FROM steps.period
