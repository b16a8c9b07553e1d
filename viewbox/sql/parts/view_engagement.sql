-- The engagement score of each valid view.
SELECT
    valid_views.*,
    100 * (
        0.5 * coverage + 0.2 * completed::INT + 0.2 * least(1, coalesce(rewatched_s / nullif(unique_s, 0), 0))
        + 0.1 * (1 - least(1, skipped_s / length_s))
    ) AS score
FROM valid_views
JOIN (
    SELECT views.view_id, revision_lengths.duration_s AS length_s FROM views JOIN revision_lengths USING (video_id, revision)
) AS lengths USING (view_id)
