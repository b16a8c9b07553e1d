-- The few events of each view that start or stop a clock, its first and its last, with the reading of the watch clock as
-- if it never stopped. Three in four events are intervals and heartbeats: this is the one pass that looks at each of them.
-- in: touched_events, in their order (see heads.sql)
WITH placed AS (
    SELECT
        view_no, seq, type, t_ms, position_s, fatal,
        coalesce(wall_ms, wait_ms) AS length_ms,
        row_number() OVER () AS place,
        coalesce(lag(view_no) OVER (), 0) <> view_no AS opens,
        coalesce(lead(view_no) OVER (), 0) <> view_no AS closes,
        t_ms - lag(t_ms) OVER () AS step_ms
    FROM touched_events
),

numbered AS (
    SELECT
        *,
        max(CASE WHEN type = 'playing' THEN view_no END) OVER (ROWS UNBOUNDED PRECEDING) AS playing_view  -- noqa: PRS
    FROM placed
),

stepped AS (
    SELECT
        *,
        -- The view's first `playing`: the last one before it, if any, belongs to an earlier view.
        type = 'playing' AND coalesce(lag(playing_view) OVER (), 0) < view_no AS is_first_playing
    FROM numbered
),

read AS (
    SELECT
        *,
        -- Rule 4: over 90 s the device slept, unless the later event says how long it took, or is the first picture.
        sum(CASE
            WHEN opens THEN 0
            WHEN step_ms > 90000 AND NOT is_first_playing THEN least(step_ms, greatest(10000, coalesce(length_ms, 0)))
            ELSE greatest(0, step_ms)
        END) OVER (ROWS UNBOUNDED PRECEDING)::BIGINT AS clock_ms  -- noqa: PRS
    FROM stepped
)

SELECT
    view_no, place, seq, type, t_ms, position_s, clock_ms, closes,
    type = 'error' AND coalesce(fatal, FALSE) AS is_fatal
FROM read
WHERE
    opens OR closes OR type IN ('play', 'playing', 'pause', 'ended', 'autoplay_blocked', 'view_end')
    OR (type = 'error' AND fatal)
