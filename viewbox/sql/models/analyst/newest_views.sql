-- The newest version of each view, hidden columns included. A semi-join instead of a window, so that an analyst's
-- filters reach the storage.
SELECT *
FROM lake_views
SEMI JOIN (SELECT view_id, max(version) AS version FROM lake_views GROUP BY view_id) AS newest
    USING (view_id, version)
