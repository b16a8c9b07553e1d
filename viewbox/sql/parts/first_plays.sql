-- The first play of each view that the browser did not refuse: autoplay_blocked cancels the nearest play before it.
SELECT view_id, min_by(t_ms, seq) AS play_ms
FROM (
    SELECT view_id, seq, type, t_ms, lead(type) OVER (PARTITION BY view_id ORDER BY seq) AS next_type
    FROM events
    WHERE type IN ('play', 'autoplay_blocked')
      AND view_id IN (SELECT view_id FROM selected_views WHERE startup_ms IS NULL)
)
WHERE type = 'play' AND next_type IS DISTINCT FROM 'autoplay_blocked'
GROUP BY view_id
