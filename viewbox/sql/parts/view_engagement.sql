-- The engagement score of each valid view.
SELECT
    *,
    100 * (
        0.5 * coverage + 0.2 * completed::INT + 0.2 * least(1, coalesce(rewatched_s / nullif(unique_s, 0), 0))
        + 0.1 * (1 - least(1, skipped_s / duration_s))
    ) AS score
FROM valid_views
