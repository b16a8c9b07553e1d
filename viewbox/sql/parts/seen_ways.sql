-- The slices [first, past) that each shown view passed, however often: ranges that never overlap.
SELECT
    video_id, period, revision, view_id, viewer_id,
    greatest(0, ceil(way.from_s - middle_s))::BIGINT AS first,
    least(slices, ceil(way.to_s - middle_s))::BIGINT AS past
FROM (
    SELECT video_id, period, revision, view_id, viewer_id, slices, middle_s, unnest(seen) AS way FROM shown_views
)
