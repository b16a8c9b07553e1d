-- The played stretches of each view's newest version, as they were sent.
SELECT *
FROM lake_intervals
ANTI JOIN (SELECT view_id FROM lake_views WHERE NOT folded) AS rewritten USING (view_id)
UNION ALL
SELECT *
FROM lake_intervals
SEMI JOIN (
    SELECT view_id, max(version) AS version FROM lake_views WHERE NOT folded GROUP BY view_id
) AS newest USING (view_id, version)
