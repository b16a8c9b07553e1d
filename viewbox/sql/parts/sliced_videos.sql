-- The videos of the selection, the revision that is shown, and their slices: k is [k, k + 1), the last one reaches
-- the end, and a stretch passes k when it holds its middle k + 0.5 (half the duration in videos under one second).
SELECT
    video_id, shown_revision AS revision, duration_s,
    greatest(1, ceil(coalesce(duration_s, reach_s) - 0.5))::BIGINT AS slices,
    CASE WHEN duration_s < 1 THEN duration_s / 2 ELSE 0.5 END AS middle_s
FROM (
    SELECT video_id, duration_s, coalesce($revision::BIGINT, revision) AS shown_revision
    FROM videos WHERE video_id IN (SELECT video_id FROM valid_views)
)
LEFT JOIN (
    -- Without a known duration the furthest position of its valid views stands in.
    SELECT video_id, max(greatest(position_s, to_s)) AS reach_s
    FROM events
    WHERE video_id IN (SELECT video_id FROM videos WHERE duration_s IS NULL)
      AND video_id IN (SELECT video_id FROM valid_views)
      AND view_id IN (SELECT view_id FROM views WHERE is_valid)
    GROUP BY video_id
) USING (video_id)
