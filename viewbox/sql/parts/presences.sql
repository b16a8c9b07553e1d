-- When each viewer was playing, on the clock of their views: overlapping and adjoining stretches are one presence.
-- From started_at on, since the transit of single messages plays no part in it. Whole milliseconds since 1970.
SELECT video_id, period, viewer_id, min(from_ms) AS from_ms, max(to_ms) AS to_ms
FROM (
    SELECT *, sum(begins) OVER (PARTITION BY video_id, period, viewer_id ORDER BY from_ms, to_ms) AS presence
    FROM (
        SELECT *,
            (from_ms > coalesce(max(to_ms) OVER (
                PARTITION BY video_id, period, viewer_id ORDER BY from_ms, to_ms
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ), -1))::INT AS begins
        FROM (
            SELECT
                valid_views.video_id, valid_views.period, valid_views.viewer_id,
                epoch_ms(valid_views.started_at) + intervals.t_ms - intervals.wall_ms AS from_ms,
                epoch_ms(valid_views.started_at) + intervals.t_ms AS to_ms
            FROM intervals JOIN valid_views USING (view_id)
            WHERE intervals.wall_ms > 0
        )
    )
)
GROUP BY video_id, period, viewer_id, presence
