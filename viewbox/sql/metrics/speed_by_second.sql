-- title: Speed by second
-- unit: media seconds per second   grain: video_id, second   empty: no rows   version: 1
-- rule: For each second of the video, the mean speed at which it was played, each pass weighing the same.
-- source: ViewBox
-- param: revision int<=1000000 null: which revision of the video's source; newest
-- column: second s: start of the slice
-- column: plays count: times it was played; without any the speed is null
-- column: n count: valid views
SELECT
    video_id, period, revision, second,
    sum(rate_e9) OVER along / nullif(sum(plays) OVER along, 0) / 1e9 AS speed_by_second,
    (sum(plays) OVER along)::BIGINT AS plays,
    views AS n
FROM (
    SELECT
        grid.video_id, grid.period, grid.revision, grid.second, grid.views,
        coalesce(turns.plays, 0) AS plays, coalesce(turns.rate_e9, 0) AS rate_e9
    FROM grid
    LEFT JOIN (
        -- Swept: + where a stretch begins, - behind its end. Rates in whole billionths leave nothing behind.
        SELECT video_id, period, second, sum(change) AS plays, sum(change * rate_e9) AS rate_e9
        FROM (
            SELECT video_id, period, rate_e9, unnest([first, past]) AS second, unnest([1, -1]) AS change
            FROM (
                SELECT
                    shown_views.video_id, shown_views.period, (intervals.rate * 1e9)::BIGINT AS rate_e9,
                    greatest(0, ceil(from_s - middle_s))::BIGINT AS first,
                    least(slices, ceil(to_s - middle_s))::BIGINT AS past
                FROM intervals JOIN shown_views USING (view_id)
            )
            WHERE first < past
        )
        GROUP BY video_id, period, second
    ) AS turns
      ON turns.video_id = grid.video_id AND turns.period IS NOT DISTINCT FROM grid.period AND turns.second = grid.second
)
WINDOW along AS (PARTITION BY video_id, period ORDER BY second)
