-- The videos of the selection, the revision that is shown, and its slices: k is [k, k + 1), the last one reaches
-- the end, and a stretch passes k when it holds its middle k + 0.5 (half the duration in videos under one second).
SELECT
    video_id, revision, duration_s, slices,
    CASE WHEN duration_s < 1 THEN duration_s / 2 ELSE 0.5 END AS middle_s
FROM revision_lengths
JOIN (
    SELECT video_id, coalesce($revision::BIGINT, revision) AS revision
    FROM videos WHERE video_id IN (SELECT video_id FROM valid_views)
) AS shown USING (video_id, revision)
