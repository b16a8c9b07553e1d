-- The played stretches of each view's newest version, as they were sent (see newest_views).
SELECT * FROM settled_intervals
UNION ALL BY NAME
SELECT *
FROM touched_intervals
SEMI JOIN (SELECT view_id, max(version) AS version FROM touched_views GROUP BY view_id) AS newest
    USING (view_id, version)
