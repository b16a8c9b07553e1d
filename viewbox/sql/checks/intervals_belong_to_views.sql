-- A view's playing time and media are those of its intervals, and they lie in its partition.
SELECT v.view_id
FROM views AS v
LEFT JOIN (
    SELECT view_id, sum(wall_ms) AS wall_ms, sum(to_s - from_s) AS media_s, min(dt) AS first_dt, max(dt) AS last_dt
    FROM intervals
    GROUP BY view_id
) AS i ON i.view_id = v.view_id
WHERE
    v.playing_ms <> coalesce(i.wall_ms, 0) OR abs(v.media_s - coalesce(i.media_s, 0)) > 1e-6
    OR i.first_dt <> v.dt OR i.last_dt <> v.dt
