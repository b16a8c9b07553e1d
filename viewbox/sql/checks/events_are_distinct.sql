-- An event is stored once.
SELECT view_id, seq, count(*) AS copies
FROM events
GROUP BY view_id, seq
HAVING count(*) > 1
