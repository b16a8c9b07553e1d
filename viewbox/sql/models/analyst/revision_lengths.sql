-- How long each revision that has views is, and in how many slices it is counted: exactly what its views, intervals and
-- `seconds` were computed with last. A video's own duration is that of its newest revision only.
SELECT video_id, revision, newest.duration_s, newest.slices
FROM (
    SELECT
        video_id, revision,
        arg_max({'duration_s': duration_s, 'slices': slices}, version) FILTER (slices IS NOT NULL) AS newest
    FROM lake_days
    GROUP BY video_id, revision
    HAVING sum(views) <> 0
)
