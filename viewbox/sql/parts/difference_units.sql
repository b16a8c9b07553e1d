-- The viewers of both cohorts, in one stratum when some are in both, and each in one of at most 400 random groups of it.
SELECT
    stratum, viewer_id,
    (row_number() OVER (PARTITION BY stratum ORDER BY hash(viewer_id), viewer_id) - 1) % 400 AS unit
FROM (
    SELECT DISTINCT viewer_id, CASE WHEN max(cohorts) OVER () > 1 THEN 'both' ELSE cohort END AS stratum
    FROM (SELECT viewer_id, cohort, count(*) OVER (PARTITION BY viewer_id) AS cohorts FROM cohort_viewers)
)
