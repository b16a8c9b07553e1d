-- How long each revision that has views is, and in how many slices it is counted: exactly what its views, intervals and
-- `seconds` were computed with. A video's own duration is that of its newest revision only.
SELECT
    video_id, revision,
    arg_max(duration_s, version) AS duration_s,
    arg_max(slices, version) AS slices
FROM newest_views
GROUP BY video_id, revision
