-- Every stall of valid views.
SELECT view_id, seq, t_ms, position_s, wait_ms
FROM (SELECT view_id, unnest(marks, max_depth := 2) FROM valid_views WHERE stalls > 0)
WHERE kind = 'stall'
