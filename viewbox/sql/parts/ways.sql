-- The way of each shown view over the slices: ranges [first, past) that it passed, one for each stretch.
SELECT
    video_id, period, revision, view_id, viewer_id, way.rate,
    greatest(0, ceil(way.from_s - middle_s))::BIGINT AS first,
    least(slices, ceil(way.to_s - middle_s))::BIGINT AS past
FROM (
    SELECT video_id, period, revision, view_id, viewer_id, slices, middle_s, unnest(stretches) AS way FROM shown_views
)
