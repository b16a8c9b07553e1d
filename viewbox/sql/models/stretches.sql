-- The way of each view's playhead: intervals that continue each other at one speed are one stretch, listed by position,
-- and `seen`, the union of all of them. A cut at a heartbeat changes nothing that is counted from positions.
-- in: touched_events, in their order (see heads.sql)
WITH moved AS (
    SELECT
        view_no, from_s, to_s, rate,
        coalesce(
            lag(view_no) OVER () = view_no AND lag(to_s) OVER () = from_s AND lag(rate) OVER () = rate, FALSE
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
        any_value(view_no) AS view_no, number, min(from_s) AS from_s, max(to_s) AS to_s, any_value(rate) AS rate
    FROM numbered
    GROUP BY number
),

reached AS (
    SELECT *, max(to_s) OVER (
            PARTITION BY view_no ORDER BY from_s, to_s, number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before_s
    FROM joined
),

islands AS (
    SELECT *, sum(CASE WHEN from_s <= before_s THEN 0 ELSE 1 END) OVER (
            PARTITION BY view_no ORDER BY from_s, to_s, number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS island
    FROM reached
),

seen AS (
    SELECT view_no, list_sort(list({'from_s': from_s, 'to_s': to_s})) AS seen
    FROM (SELECT view_no, min(from_s) AS from_s, max(to_s) AS to_s FROM islands GROUP BY view_no, island)
    GROUP BY view_no
)

SELECT
    view_no,
    arg_min(from_s, number) AS first_position_s,
    list_sort(list({'from_s': from_s, 'to_s': to_s, 'rate': rate})) AS stretches,
    any_value(seen.seen) AS seen
FROM joined
JOIN seen USING (view_no)
GROUP BY view_no
