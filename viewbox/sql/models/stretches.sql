-- The way of each view's playhead: intervals that continue each other at one speed are one stretch, listed by position.
-- A cut at a heartbeat changes nothing that is counted from positions: slices passed, unions, speeds.
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
    SELECT *, sum(CASE WHEN continues THEN 0 ELSE 1 END) OVER (ROWS UNBOUNDED PRECEDING) AS number
    FROM moved
),

joined AS (
    SELECT
        any_value(view_id) AS view_id, number, min(from_s) AS from_s, max(to_s) AS to_s, any_value(rate) AS rate
    FROM numbered
    GROUP BY number
)

SELECT
    view_id,
    arg_min(from_s, number) AS first_position_s,
    list_sort(list({'from_s': from_s, 'to_s': to_s, 'rate': rate})) AS stretches
FROM joined
GROUP BY view_id
