-- How often each of those views passed each slice, as a text of one digit per slice. Passes are swept: +1 where a stretch
-- begins, -1 behind its end, then a running sum.
SELECT
    video_id, period, view_id,
    string_agg(repeat(least(3, passes)::VARCHAR, past - second), '' ORDER BY second) AS strip
FROM (
    SELECT
        video_id, period, view_id, second, sum(change) OVER along AS passes,
        coalesce(lead(second) OVER along, second) AS past
    FROM (
        SELECT video_id, period, view_id, second, sum(change) AS change
        FROM (
            SELECT video_id, period, view_id, unnest([first, past]) AS second, unnest([1, -1]) AS change
            FROM (
                SELECT
                    chosen.video_id, chosen.period, chosen.view_id,
                    greatest(0, ceil(from_s - middle_s))::BIGINT AS first,
                    least(slices, ceil(to_s - middle_s))::BIGINT AS past
                FROM intervals JOIN newest_shown_views AS chosen USING (view_id)
            )
            WHERE first < past
            UNION ALL
            SELECT video_id, period, view_id, unnest([0, slices]) AS second, 0 AS change FROM newest_shown_views
        )
        GROUP BY video_id, period, view_id, second
    )
    WINDOW along AS (PARTITION BY video_id, period, view_id ORDER BY second)
)
GROUP BY video_id, period, view_id
