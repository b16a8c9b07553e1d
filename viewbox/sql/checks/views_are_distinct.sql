-- A view has one newest row.
SELECT view_id, count(*) AS copies
FROM views
GROUP BY view_id
HAVING count(*) > 1
