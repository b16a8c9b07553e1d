-- Videos that somebody really watched, and whether there are synthetic views of them, which are counted no more.
SELECT video_id, coalesce(bool_or(synthetic), false) AS has_synthetic
FROM days
GROUP BY video_id
HAVING bool_or(NOT synthetic AND valid_views > 0)
