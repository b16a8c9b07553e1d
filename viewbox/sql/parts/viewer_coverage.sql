-- Share of a revision that each viewer played over all selected valid views: length of the union of what they saw, in
-- whole nanoseconds as in viewer_videos; null without a duration (least() alone would pass over the null and answer 1).
-- Who stood still all the time saw a stretch of no length.
SELECT
    video_id, period, viewer_key, any_value(viewer_id) AS viewer_id, watched_id, revision,
    CASE WHEN any_value(duration_s) > 0
        THEN least(1, sum(greatest(0, to_ns - greatest(from_ns, coalesce(reached_ns, 0)))) / 1e9 / any_value(duration_s))
    END AS coverage
FROM (
    SELECT *, max(to_ns) OVER (
            PARTITION BY video_id, period, viewer_key, watched_id, revision ORDER BY from_ns, to_ns
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_ns
    FROM (
        SELECT
            video_id, period, viewer_key, viewer_id, watched_id, revision, duration_s,
            (least(way.from_s, duration_s) * 1e9)::BIGINT AS from_ns, (least(way.to_s, duration_s) * 1e9)::BIGINT AS to_ns
        FROM (
            SELECT
                video_id, period, viewer_key, viewer_id, watched_id, revision, duration_s,
                unnest(coalesce(nullif(seen, []), [{'from_s': 0.0, 'to_s': 0.0}])) AS way
            FROM valid_views
        )
    )
)
GROUP BY video_id, period, viewer_key, watched_id, revision
