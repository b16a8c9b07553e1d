-- Share of a revision that each viewer played over all selected valid views: length of the union of what they saw;
-- null without a duration (least() alone would pass over the null and answer 1).
SELECT
    video_id, period, viewer_key, any_value(viewer_id) AS viewer_id, watched_id, revision,
    CASE WHEN any_value(duration_s) > 0
        THEN least(1, sum(greatest(0, to_s - greatest(from_s, coalesce(reached_s, 0)))) / any_value(duration_s))
    END AS coverage
FROM (
    SELECT *, max(to_s) OVER (
            PARTITION BY video_id, period, viewer_key, watched_id, revision ORDER BY from_s, to_s
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_s
    FROM (
        SELECT
            video_id, period, viewer_key, viewer_id, watched_id, revision, duration_s,
            least(way.from_s, duration_s) AS from_s, least(way.to_s, duration_s) AS to_s
        FROM (
            SELECT video_id, period, viewer_key, viewer_id, watched_id, revision, duration_s, unnest(seen) AS way
            FROM valid_views
        )
    )
)
GROUP BY video_id, period, viewer_key, watched_id, revision
