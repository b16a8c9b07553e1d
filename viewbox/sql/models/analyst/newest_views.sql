-- The newest version of each view, hidden columns included. A semi-join instead of a window, so that an analyst's
-- filters reach the storage.
SELECT *
FROM lake_views
SEMI JOIN (
    SELECT every.view_id, max(every.version) AS version
    FROM lake_views AS every
    GROUP BY every.view_id
) AS newest USING (view_id, version)
