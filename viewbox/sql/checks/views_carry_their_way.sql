-- The stretches inside a view's row are as long as what it played, and their union as long as what it saw.
SELECT view_id
FROM (
    SELECT
        view_id, media_s, unique_s,
        coalesce(list_sum(list_transform(stretches, LAMBDA way: way.to_s - way.from_s)), 0) AS stretches_s,
        coalesce(list_sum(list_transform(seen, LAMBDA way:
            least(way.to_s, coalesce(duration_s, way.to_s)) - least(way.from_s, coalesce(duration_s, way.to_s))
        )), 0) AS seen_s
    FROM newest_views
)
WHERE abs(media_s - stretches_s) > 1e-6 OR abs(unique_s - seen_s) > 1e-6
