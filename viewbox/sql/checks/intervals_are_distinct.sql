-- An interval is stored once for its view's newest row.
SELECT view_id, seq, count(*) AS copies
FROM intervals
GROUP BY view_id, seq
HAVING count(*) > 1
