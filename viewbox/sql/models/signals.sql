-- The few events of each view that start or stop a clock, its first and its last, with the reading of the watch clock as
-- if it never stopped. Three in four events are intervals and heartbeats: this is the one pass that looks at each of them.
-- in: touched_events, in the order of view_id and seq. Windows without a PARTITION follow that order (DuckDB guarantees
-- it for tables) and need no sort, which makes this pass twenty times cheaper than a partitioned one. sqlfluff cannot
-- parse their frames, hence each noqa.
WITH placed AS (
    SELECT
        view_id, seq, type, t_ms, position_s, fatal,
        coalesce(wall_ms, wait_ms) AS length_ms,
        row_number() OVER () AS place,
        coalesce(lag(view_id) OVER (), '') <> view_id AS opens,
        coalesce(lead(view_id) OVER (), '') <> view_id AS closes,
        t_ms - lag(t_ms) OVER () AS step_ms
    FROM touched_events
),

numbered AS (
    SELECT
        *,
        max(CASE WHEN opens THEN place END) OVER (ROWS UNBOUNDED PRECEDING) AS view_no,  -- noqa: PRS
        max(CASE WHEN type = 'playing' THEN place END) OVER (ROWS UNBOUNDED PRECEDING) AS playing_place  -- noqa: PRS
    FROM placed
),

stepped AS (
    SELECT
        *,
        -- The view's first `playing`: the last one before it, if any, belongs to an earlier view.
        type = 'playing' AND coalesce(lag(playing_place) OVER (), 0) < view_no AS is_first_playing
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
        END) OVER (ROWS UNBOUNDED PRECEDING) AS clock_ms  -- noqa: PRS
    FROM stepped
)

SELECT
    view_no, place, view_id, seq, type, t_ms, position_s, clock_ms, closes,
    type = 'error' AND coalesce(fatal, FALSE) AS is_fatal
FROM read
WHERE
    opens OR closes OR type IN ('play', 'playing', 'pause', 'ended', 'autoplay_blocked', 'view_end')
    OR (type = 'error' AND fatal)
