-- The newest version of each view, hidden columns included. Folding has left one row per view; of the few views that
-- were written since, the newest of those rows counts. Joins of this shape let an analyst's filters reach the storage.
SELECT *
FROM lake_views
ANTI JOIN (SELECT view_id FROM lake_views WHERE NOT folded) AS rewritten USING (view_id)
WHERE folded
UNION ALL
SELECT *
FROM lake_views
SEMI JOIN (
    SELECT view_id, max(version) AS version FROM lake_views WHERE NOT folded GROUP BY view_id
) AS newest USING (view_id, version)
WHERE NOT folded
