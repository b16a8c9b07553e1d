-- Of each selected view: events that were sent more than 5 minutes after they happened, the silence that closes a view;
-- and how far its clock was from the server's, as its fastest message tells, whichever way.
SELECT view_id, count(*) FILTER (delay_ms > 300000) AS late_events, abs(min(clock_offset_ms)) AS clock_offset_ms
FROM event_clocks
WHERE view_id IN (SELECT view_id FROM selected_views)
GROUP BY view_id
