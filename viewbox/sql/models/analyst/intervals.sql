-- The played stretches of each view's newest version.
SELECT *
FROM lake_intervals
SEMI JOIN (SELECT view_id, max(version) AS version FROM lake_views GROUP BY view_id) AS newest
    USING (view_id, version)
