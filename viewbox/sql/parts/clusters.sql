-- One row per viewer: the sampling unit. A row of the sample whose numerator is unknown is no part of the mean.
SELECT
    video_id, period, sum(numerator) AS numerator, sum(denominator) AS denominator,
    row_number() OVER (PARTITION BY video_id, period ORDER BY hash(viewer_id), viewer_id) - 1 AS viewer
FROM sample
WHERE numerator IS NOT NULL AND denominator IS NOT NULL
GROUP BY video_id, period, viewer_id
