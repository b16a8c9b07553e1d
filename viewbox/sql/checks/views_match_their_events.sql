-- Of two thousand views, always the same until others come: times, sums and counts are those of their events.
SELECT v.view_id
FROM views AS v
JOIN (
    SELECT
        view_id,
        min(occurred_at - to_milliseconds(t_ms)) AS started_at,
        max(t_ms) AS longest_ms,
        max(seq) + 1 - count(*) AS gaps,
        coalesce(sum(wall_ms) FILTER (type = 'interval'), 0) AS playing_ms,
        count(*) FILTER (type = 'stall') AS stalls,
        coalesce(sum(wait_ms) FILTER (type = 'stall'), 0) AS stall_ms,
        bool_or(type = 'ended') AS reached_end,
        arg_max(position_s, seq) AS last_position_s
    FROM events
    WHERE view_id IN (SELECT view_id FROM views ORDER BY hash(view_id), view_id LIMIT 2000)
    GROUP BY view_id
) AS e USING (view_id)
WHERE
    v.started_at <> e.started_at OR v.ended_at <> e.started_at + to_milliseconds(e.longest_ms) OR v.gaps <> e.gaps
    OR v.playing_ms <> e.playing_ms OR v.stalls <> e.stalls OR v.stall_ms <> e.stall_ms
    OR v.reached_end <> e.reached_end OR v.last_position_s <> e.last_position_s
    OR v.dt <> cast(timezone('UTC', e.started_at) AS DATE)
