-- Of a thousand viewers: what they saw is what their valid views saw, a stretch seen twice counting once.
WITH chosen AS (
    SELECT viewer_id FROM views WHERE is_valid GROUP BY viewer_id ORDER BY hash(viewer_id), viewer_id LIMIT 1000
),

expected AS (
    SELECT
        viewer_id, video_id, revision, count(*) AS views, sum(media_s) AS media_s, min(started_at) AS first_seen_at,
        max(ended_at) AS last_seen_at, max(unique_s) AS least_s, sum(unique_s) AS most_s, bool_or(reached_end) AS reached_end
    FROM views
    WHERE is_valid AND viewer_id IN (SELECT viewer_id FROM chosen)
    GROUP BY viewer_id, video_id, revision
)

SELECT coalesce(a.viewer_id, e.viewer_id) AS viewer_id, coalesce(a.video_id, e.video_id) AS video_id
FROM (SELECT * FROM viewer_videos WHERE viewer_id IN (SELECT viewer_id FROM chosen)) AS a
FULL JOIN expected AS e
    ON e.viewer_id = a.viewer_id AND e.video_id = a.video_id AND e.revision = a.revision
WHERE
    a.views IS DISTINCT FROM e.views OR a.first_seen_at <> e.first_seen_at OR a.last_seen_at <> e.last_seen_at
    OR a.reached_end <> e.reached_end OR abs(a.media_s - e.media_s) > 1e-6
    OR a.unique_s < e.least_s - 1e-6 OR a.unique_s > e.most_s + 1e-6
