-- title: Speed by second
-- unit: media seconds per second   grain: video_id, second   empty: no rows   version: 1
-- rule: For each second of the video, the mean speed at which it was played, each pass weighing the same.
-- source: ViewBox
-- param: revision int<=1000000 null: which revision of the video's source; newest
-- column: second s: start of the slice
-- column: plays count: times it was played; without any the speed is null
-- column: n count: valid views
SELECT
    grid.video_id, grid.period, grid.revision, grid.second,
    any_value(passed.rate) AS speed_by_second,
    coalesce(any_value(passed.plays), 0) AS plays,
    any_value(grid.views) AS n
FROM grid
LEFT JOIN (
    SELECT video_id, period, second, avg(rate) AS rate, count(*) AS plays
    FROM (
        SELECT
            shown_views.video_id, shown_views.period, rate,
            unnest(range(
                greatest(0, ceil(from_s - middle_s))::BIGINT, least(slices, ceil(to_s - middle_s))::BIGINT
            )) AS second
        FROM intervals JOIN shown_views USING (view_id)
    )
    GROUP BY video_id, period, second
) AS passed
  ON passed.video_id = grid.video_id AND passed.period IS NOT DISTINCT FROM grid.period AND passed.second = grid.second
GROUP BY grid.video_id, grid.period, grid.revision, grid.second
