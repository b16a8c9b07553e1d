-- The newest version of each view, hidden columns included. On settled days every view has one row; on the few days that
-- were written to since they were folded, the newest row of each view counts. A semi-join instead of a window, so that an
-- analyst's filters reach the storage.
SELECT * FROM settled_views
UNION ALL BY NAME
SELECT *
FROM touched_views
SEMI JOIN (SELECT every.view_id, max(every.version) AS version FROM touched_views AS every GROUP BY every.view_id) AS newest
    USING (view_id, version)
