-- Parts are not larger than wholes.
SELECT view_id
FROM views
WHERE
    coverage > 1 OR coverage < 0 OR rewatched_s < 0 OR unique_s > media_s OR gaps < 0 OR watch_ms < 0
    OR (is_valid AND NOT played) OR (exit_before_start AND played) OR (startup_failed AND NOT failed)
    OR ended_at < started_at
