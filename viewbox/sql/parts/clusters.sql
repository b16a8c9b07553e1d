-- The sampling units: one row per viewer; where there are very many views, per 1 of 4,000 random groups of viewers, which
-- makes the spread no more than 2 % uncertain. A row of the sample whose numerator is unknown is no part of the mean.
SELECT
    video_id, period, numerator, denominator,
    row_number() OVER (PARTITION BY video_id, period ORDER BY cluster) - 1 AS viewer
FROM (
    SELECT
        drawn.video_id, drawn.period, sum(numerator) AS numerator, sum(denominator) AS denominator,
        CASE WHEN rows > 50000 THEN hash(viewer_key) % 4000 ELSE hash(viewer_key) END AS cluster
    FROM sample AS drawn
    JOIN (SELECT video_id, period, count(*) AS rows FROM sample GROUP BY video_id, period) AS sizes
      ON sizes.video_id = drawn.video_id AND sizes.period IS NOT DISTINCT FROM drawn.period
    WHERE numerator IS NOT NULL AND denominator IS NOT NULL
    GROUP BY drawn.video_id, drawn.period, cluster
)
