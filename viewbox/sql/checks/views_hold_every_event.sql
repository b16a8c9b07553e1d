-- Every view with events has one row, and that row counts all of them. Until the rollup caught up, rows may lag.
SELECT coalesce(stored.view_id, views.view_id) AS view_id, stored.events AS stored, views.events AS counted
FROM (SELECT view_id, count(*) AS events FROM events GROUP BY view_id) AS stored
FULL JOIN views ON views.view_id = stored.view_id
WHERE stored.events IS DISTINCT FROM views.events
