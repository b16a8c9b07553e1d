-- The way of each view's playhead: intervals that continue each other at one speed are one stretch, listed by position,
-- and `seen`, the union of all of them. A cut at a heartbeat changes nothing that is counted from positions.
-- in: touched_events, in the order of view_id and seq (see signals.sql)
WITH moved AS (
    SELECT
        view_id, from_s, to_s, rate,
        coalesce(
            lag(view_id) OVER () = view_id AND lag(to_s) OVER () = from_s AND lag(rate) OVER () = rate, FALSE
        ) AS continues
    FROM touched_events
    WHERE type = 'interval' AND to_s > from_s
),

numbered AS (
    SELECT *, sum(CASE WHEN continues THEN 0 ELSE 1 END) OVER (ROWS UNBOUNDED PRECEDING) AS number  -- noqa: PRS
    FROM moved
),

joined AS (
    SELECT
        any_value(view_id) AS view_id, number, min(from_s) AS from_s, max(to_s) AS to_s, any_value(rate) AS rate
    FROM numbered
    GROUP BY number
),

reached AS (
    SELECT *, max(to_s) OVER (
            PARTITION BY view_id ORDER BY from_s, to_s, number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before_s
    FROM joined
),

islands AS (
    SELECT *, sum(CASE WHEN from_s <= before_s THEN 0 ELSE 1 END) OVER (
            PARTITION BY view_id ORDER BY from_s, to_s, number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS island
    FROM reached
),

seen AS (
    SELECT view_id, list_sort(list({'from_s': from_s, 'to_s': to_s})) AS seen
    FROM (SELECT view_id, min(from_s) AS from_s, max(to_s) AS to_s FROM islands GROUP BY view_id, island)
    GROUP BY view_id
)

SELECT
    view_id,
    arg_min(from_s, number) AS first_position_s,
    list_sort(list({'from_s': from_s, 'to_s': to_s, 'rate': rate})) AS stretches,
    any_value(seen.seen) AS seen
FROM joined
JOIN seen USING (view_id)
GROUP BY view_id
