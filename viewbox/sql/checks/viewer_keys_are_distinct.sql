-- Viewers are counted by a key of 63 bits: no two viewers have the same.
SELECT viewer_key
FROM newest_views
GROUP BY viewer_key
HAVING count(DISTINCT viewer_id) > 1
