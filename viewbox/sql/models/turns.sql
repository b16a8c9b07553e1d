-- What the signals of a view say about it: its clocks, its start, its end, its pauses. Rules 2, 3, 4 and 8.
-- in: signals
WITH gated AS (
    -- Rule 3: a refusal cancels the nearest play before it: the play whose next gate it is.
    SELECT place, lead(type) OVER (PARTITION BY view_no ORDER BY place) AS next_gate
    FROM signals
    WHERE type IN ('play', 'autoplay_blocked')
),

told AS (
    SELECT
        signals.*,
        type = 'play' AND coalesce(next_gate, '') <> 'autoplay_blocked' AS starts_play
    FROM signals
    LEFT JOIN gated USING (place)
),

signed AS (
    SELECT
        *,
        CASE
            WHEN starts_play OR type = 'playing' THEN TRUE
            WHEN is_fatal OR type IN ('pause', 'ended', 'autoplay_blocked', 'view_end') THEN FALSE
        END AS clock_signal,
        CASE
            WHEN type = 'pause' THEN TRUE
            WHEN starts_play OR type IN ('playing', 'ended', 'view_end') THEN FALSE
        END AS pause_signal
    FROM told
),

walked AS (
    SELECT
        *,
        coalesce(last_value(clock_signal IGNORE NULLS) OVER (
            in_order ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ), FALSE) AS clock_runs,
        lead(clock_ms) OVER in_order - clock_ms AS until_next_ms,
        coalesce(last_value(pause_signal IGNORE NULLS) OVER (
            in_order ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), FALSE) AS already_paused
    FROM signed
    WINDOW in_order AS (PARTITION BY view_no ORDER BY place)
),

paused AS (
    -- Rule 8: until what ends a pause, else the view's last event.
    SELECT place, greatest(0, lead(t_ms) OVER (PARTITION BY view_no ORDER BY place) - t_ms) AS paused_ms
    FROM walked
    WHERE closes OR NOT pause_signal OR (pause_signal AND NOT already_paused)
),

endings AS (
    SELECT view_no, place AS ended_place, t_ms AS ended_ms
    FROM signals
    WHERE type = 'ended'
),

counted_pauses AS (
    SELECT view_no, seq, t_ms, position_s, coalesce(paused_ms, 0) AS paused_ms
    FROM walked
    JOIN paused USING (place)
    WHERE type = 'pause' AND NOT already_paused AND NOT EXISTS (
        SELECT 1 FROM endings
        WHERE endings.view_no = walked.view_no AND ended_place > walked.place AND ended_ms <= walked.t_ms + 250
    )
),

pauses AS (
    SELECT
        view_no, count(*) AS pauses, sum(paused_ms) AS paused_ms,
        list({'seq': seq, 't_ms': t_ms, 'position_s': position_s, 'paused_ms': paused_ms}) AS pause_marks
    FROM counted_pauses
    GROUP BY view_no
),

summed AS (
    SELECT
        view_no,
        cast(arg_max(type, place) AS VARCHAR) AS last_type,
        bool_or(type = 'ended') AS reached_end,
        bool_or(starts_play) AS play_wanted,
        arg_min(t_ms, place) FILTER (type = 'playing') AS first_playing_ms,
        arg_min(t_ms, place) FILTER (starts_play) AS first_play_ms,
        min(seq) FILTER (type = 'playing') AS first_playing_seq,
        min(seq) FILTER (is_fatal) AS first_fatal_seq,
        coalesce(sum(until_next_ms) FILTER (clock_runs), 0) AS watch_ms
    FROM walked
    GROUP BY view_no
)

SELECT summed.*, coalesce(pauses.pauses, 0) AS pauses, coalesce(pauses.paused_ms, 0) AS paused_ms, pauses.pause_marks
FROM summed
LEFT JOIN pauses USING (view_no)
