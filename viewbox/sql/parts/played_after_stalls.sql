-- Playing time of each valid view with stalls that lies within 10 s after one. The 10 s end where the next stall does, so
-- nothing counts twice; what was played in them is what the view had played by their end less what by their beginning.
SELECT view_id, sum(CASE WHEN opens THEN -played_ms ELSE played_ms END) AS played_ms
FROM (
    SELECT
        moments.view_id, moments.opens,
        played.before_ms + least(played.wall_ms, moments.t_ms - played.from_ms) AS played_ms
    FROM (
        SELECT view_id, true AS opens, t_ms FROM stalls WHERE view_id IN (SELECT view_id FROM valid_views)
        UNION ALL
        SELECT
            view_id, false AS opens,
            least(t_ms + 10000, coalesce(lead(t_ms) OVER (PARTITION BY view_id ORDER BY t_ms), t_ms + 10000)) AS t_ms
        FROM stalls WHERE view_id IN (SELECT view_id FROM valid_views)
    ) AS moments
    ASOF JOIN (
        SELECT
            view_id, t_ms - wall_ms AS from_ms, wall_ms,
            coalesce(sum(wall_ms) OVER (
                PARTITION BY view_id ORDER BY t_ms - wall_ms, t_ms, seq
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ), 0) AS before_ms
        FROM intervals WHERE view_id IN (SELECT view_id FROM valid_views WHERE valid_views.stalls > 0)
    ) AS played
      ON played.view_id = moments.view_id AND played.from_ms <= moments.t_ms
)
GROUP BY view_id
