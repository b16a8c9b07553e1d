-- Plays of each group of viewers in the slices that smoothed steps need: those as far around a steep slice as the
-- triangle reaches. Swept: +1 where a stretch begins, -1 behind its end, then a running sum.
SELECT video_id, period, unit, second, half_width, slices, plays
FROM (
    SELECT *, sum(change) OVER (PARTITION BY video_id, period, unit ORDER BY second) AS plays
    FROM (
        SELECT
            video_id, period, unit, second, sum(change) AS change,
            max(half_width) AS half_width, max(slices) AS slices
        FROM (
            SELECT video_id, period, unit, unnest([first, past]) AS second, unnest([1, -1]) AS change,
                NULL AS half_width, NULL AS slices
            FROM (
                SELECT
                    viewer_groups.video_id, viewer_groups.period, viewer_groups.unit,
                    greatest(0, ceil(intervals.from_s - shown_views.middle_s))::BIGINT AS first,
                    least(shown_views.slices, ceil(intervals.to_s - shown_views.middle_s))::BIGINT AS past
                FROM intervals
                JOIN shown_views USING (view_id)
                JOIN viewer_groups
                  ON viewer_groups.video_id = shown_views.video_id AND viewer_groups.viewer_id = shown_views.viewer_id
                 AND viewer_groups.period IS NOT DISTINCT FROM shown_views.period
            )
            WHERE first < past
            UNION ALL
            SELECT groups.video_id, groups.period, groups.unit, needed.second, 0, needed.half_width, needed.slices
            FROM (SELECT DISTINCT video_id, period, unit FROM viewer_groups) AS groups
            JOIN (
                SELECT DISTINCT video_id, period, half_width, slices,
                    unnest(range(greatest(0, second - 1 - half_width), least(slices, second + half_width + 1))) AS second
                FROM steep_slices
            ) AS needed
              ON needed.video_id = groups.video_id AND needed.period IS NOT DISTINCT FROM groups.period
        )
        GROUP BY video_id, period, unit, second
    )
)
WHERE half_width IS NOT NULL
