-- What each viewer saw of each revision of a video, over all valid views: one stretch watched in two views counts once.
WITH valid_views AS (
    SELECT * FROM newest_views WHERE is_valid
),

clipped AS (
    SELECT
        viewer_id, video_id, revision,
        cast(least(way.from_s, coalesce(duration_s, way.from_s)) * 1e9 AS BIGINT) AS from_ns,
        cast(least(way.to_s, coalesce(duration_s, way.to_s)) * 1e9 AS BIGINT) AS to_ns
    FROM (SELECT viewer_id, video_id, revision, duration_s, unnest(stretches) AS way FROM valid_views)
),

fresh AS (
    SELECT
        viewer_id, video_id, revision,
        greatest(0, to_ns - greatest(from_ns, coalesce(max(to_ns) OVER earlier, 0))) AS new_ns
    FROM clipped
    WINDOW earlier AS (
        PARTITION BY viewer_id, video_id, revision ORDER BY from_ns, to_ns
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),

seen AS (
    SELECT viewer_id, video_id, revision, sum(new_ns) / 1e9 AS unique_s
    FROM fresh
    GROUP BY viewer_id, video_id, revision
),

summed AS (
    SELECT
        viewer_id, video_id, revision,
        min(started_at) AS first_seen_at,
        max(ended_at) AS last_seen_at,
        count(*) AS views,
        sum(cast(media_s * 1e9 AS BIGINT)) / 1e9 AS media_s,
        bool_or(reached_end) AS reached_end,
        arg_max(duration_s, version) AS duration_s
    FROM valid_views
    GROUP BY viewer_id, video_id, revision
)

SELECT
    * EXCLUDE (unique_s),
    coalesce(seen.unique_s, 0.0) AS unique_s,
    CASE WHEN duration_s > 0 THEN least(1.0, coalesce(seen.unique_s, 0.0) / duration_s) END AS coverage,
    coverage >= 0.9::DOUBLE AS completed
FROM summed
LEFT JOIN seen USING (viewer_id, video_id, revision)
