-- Views as far as their own events tell: everything that needs no duration and no other view.
-- in: touched_events (all events of some views, each seq once). Rules 2–11 of the contract "From events to a view".
-- Lengths of media are added up in whole nanoseconds: sums do not depend on order, and tenths stay tenths.
WITH gates AS (
    -- The next autoplay_blocked or play after each event: a play whose next gate is a refusal is cancelled.
    SELECT
        *,
        type = 'play' AND coalesce(
            first_value(CASE WHEN type IN ('play', 'autoplay_blocked') THEN type END IGNORE NULLS) OVER later, 'none'
        ) <> 'autoplay_blocked' AS starts_play,
        type = 'error' AND coalesce(fatal, FALSE) AS is_fatal
    FROM touched_events
    WINDOW later AS (PARTITION BY view_id ORDER BY seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
),

signals AS (
    SELECT
        *,
        CASE
            WHEN starts_play OR type = 'playing' THEN TRUE
            WHEN is_fatal OR type IN ('pause', 'ended', 'autoplay_blocked', 'view_end') THEN FALSE
        END AS clock_signal,
        CASE
            WHEN type = 'pause' THEN TRUE
            WHEN starts_play OR type IN ('playing', 'ended', 'view_end') THEN FALSE
        END AS pause_signal,
        CASE WHEN type = 'rendition' THEN {'bps': bitrate_bps} END AS shown_rendition,
        min(CASE WHEN type = 'playing' THEN seq END) OVER (PARTITION BY view_id) AS first_playing_seq
    FROM gates
),

neighbours AS (
    SELECT
        *,
        last_value(clock_signal IGNORE NULLS) OVER until_here AS clock_runs,
        lead(t_ms) OVER in_order - t_ms AS to_next_ms,
        lead(seq) OVER in_order AS next_seq,
        lead(coalesce(wall_ms, wait_ms)) OVER in_order AS next_length_ms,
        last_value(pause_signal IGNORE NULLS) OVER earlier AS already_paused,
        min(CASE WHEN type = 'ended' THEN t_ms END) OVER later AS earliest_later_end_ms,
        first_value(CASE WHEN NOT pause_signal THEN t_ms END IGNORE NULLS) OVER later AS resumed_ms,
        last_value(t_ms) OVER whole AS last_t_ms,
        last_value(shown_rendition IGNORE NULLS) OVER earlier AS rendition_before
    FROM signals
    WINDOW
        in_order AS (PARTITION BY view_id ORDER BY seq),
        until_here AS (PARTITION BY view_id ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        earlier AS (PARTITION BY view_id ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        later AS (PARTITION BY view_id ORDER BY seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING),
        whole AS (PARTITION BY view_id ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
),

judged AS (
    SELECT
        *,
        -- Rule 4: time on the watch clock until the next event. Over 90 s the device slept, unless that event says
        -- how long it took, or is the first picture.
        CASE
            WHEN NOT coalesce(clock_runs, FALSE) OR next_seq IS NULL THEN 0
            WHEN to_next_ms > 90000 AND NOT coalesce(next_seq = first_playing_seq, FALSE)
                THEN least(to_next_ms, greatest(10000, coalesce(next_length_ms, 0)))
            ELSE greatest(0, to_next_ms)
        END AS watched_ms,
        -- Rule 7.
        type = 'seek' AND coalesce(cause IN ('user', 'chapter', 'skip'), TRUE)
            AND abs(cast(to_s * 1e9 AS BIGINT) - cast(from_s * 1e9 AS BIGINT)) > 250000000 AS is_counted_seek,
        -- Rule 8.
        type = 'pause' AND NOT coalesce(already_paused, FALSE)
            AND NOT coalesce(earliest_later_end_ms <= t_ms + 250, FALSE) AS is_counted_pause,
        greatest(0, coalesce(resumed_ms, last_t_ms) - t_ms) AS until_resumed_ms,
        -- Rule 11.
        type = 'interval'
            AND abs(to_s - from_s - rate * wall_ms / 1000) > greatest(1, 0.1 * rate * wall_ms / 1000) AS is_inconsistent
    FROM neighbours
),

contexts AS (
    -- A context stands on every event of the message that brought it: read each one once.
    SELECT
        view_id,
        min(seq) AS seq,
        from_json(
            context,
            '{"language": "VARCHAR", "referrer": "VARCHAR", "player_name": "VARCHAR", "player_version": "VARCHAR",
              "player_h": "BIGINT", "duration_s": "DOUBLE", "autoplay": "BOOLEAN", "experiment": "JSON",
              "custom": "JSON"}'
        ) AS facts
    FROM touched_events
    WHERE context IS NOT NULL AND json_valid(context)
    GROUP BY view_id, context
),

told AS (
    SELECT
        view_id,
        arg_min(facts.language, seq) FILTER (facts.language IS NOT NULL) AS language,
        arg_min(facts.referrer, seq) FILTER (facts.referrer IS NOT NULL) AS referrer_domain,
        arg_min(facts.player_name, seq) FILTER (facts.player_name IS NOT NULL) AS player_name,
        arg_min(facts.player_version, seq) FILTER (facts.player_version IS NOT NULL) AS player_version,
        arg_min(facts.player_h, seq) FILTER (facts.player_h IS NOT NULL) AS player_h,
        arg_min(facts.autoplay, seq) FILTER (facts.autoplay IS NOT NULL) AS autoplay,
        arg_min(cast(facts.experiment AS VARCHAR), seq) FILTER (json_type(facts.experiment) = 'OBJECT') AS experiment,
        arg_min(cast(facts.custom AS VARCHAR), seq) FILTER (json_type(facts.custom) = 'OBJECT') AS custom,
        arg_min(facts.duration_s, seq) FILTER (facts.duration_s IS NOT NULL) AS reported_duration_s
    FROM contexts
    GROUP BY view_id
),

summed AS (
    SELECT
        view_id,
        arg_min(video_id, seq) AS video_id,
        arg_min(revision, seq) FILTER (revision IS NOT NULL) AS revision,
        arg_min(viewer_id, seq) AS viewer_id,
        arg_min(viewer_kind, seq) FILTER (viewer_kind IS NOT NULL) AS viewer_kind,
        arg_min(session_id, seq) FILTER (session_id IS NOT NULL) AS session_id,
        arg_min(source, seq) FILTER (source IS NOT NULL) AS source,
        min(occurred_at - to_milliseconds(t_ms)) AS started_at,
        max(t_ms) AS max_t_ms,
        coalesce(arg_min(is_bot, seq) FILTER (is_bot IS NOT NULL), FALSE) AS is_bot,
        arg_max(type, seq) AS last_type,
        arg_max(occurred_at, seq) AS last_occurred_at,
        bool_or(type IN ('playing', 'interval')) AS played,
        bool_or(type = 'ended') AS reached_end,
        bool_or(starts_play) AS play_wanted,
        arg_min(t_ms, seq) FILTER (type = 'playing') AS first_playing_ms,
        arg_min(t_ms, seq) FILTER (starts_play) AS first_play_ms,
        min(first_playing_seq) AS first_playing_seq,
        min(seq) FILTER (is_fatal) AS first_fatal_seq,
        arg_min({'code': code}, seq) FILTER (is_fatal).code AS error_code,
        sum(watched_ms) AS watch_ms,
        sum(wall_ms) FILTER (type = 'interval') AS playing_ms,
        sum(cast(to_s * 1e9 AS BIGINT) - cast(from_s * 1e9 AS BIGINT)) FILTER (type = 'interval') AS media_ns,
        count(*) FILTER (is_counted_pause) AS pauses,
        sum(until_resumed_ms) FILTER (is_counted_pause) AS paused_ms,
        count(*) FILTER (is_counted_seek AND to_s > from_s) AS seeks_forward,
        count(*) FILTER (is_counted_seek AND to_s < from_s) AS seeks_back,
        sum(cast(to_s * 1e9 AS BIGINT) - cast(from_s * 1e9 AS BIGINT))
            FILTER (is_counted_seek AND to_s > from_s) AS skipped_ns,
        sum(wait_ms) FILTER (type = 'seek') AS seek_wait_ms,
        count(*) FILTER (type = 'stall') AS stalls,
        sum(wait_ms) FILTER (type = 'stall') AS stall_ms,
        count(*) FILTER (type = 'rate' AND seq > first_playing_seq) AS rate_changes,
        count(*) FILTER (type = 'rendition' AND bitrate_bps > rendition_before.bps) AS switches_up,
        count(*) FILTER (type = 'rendition' AND bitrate_bps < rendition_before.bps) AS switches_down,
        sum(bitrate_bps * wall_ms) FILTER (type = 'interval') AS bits_by_wall,
        sum(wall_ms) FILTER (type = 'interval' AND bitrate_bps IS NOT NULL) AS bitrate_wall_ms,
        max(height) FILTER (type IN ('interval', 'rendition')) AS max_height,
        max(dropped_frames) FILTER (type = 'heartbeat') AS dropped_frames,
        max(total_frames) FILTER (type = 'heartbeat') AS total_frames,
        arg_min(from_s, seq) FILTER (type = 'interval' AND to_s > from_s) AS first_position_s,
        arg_max(position_s, seq) AS last_position_s,
        sum(wall_ms) FILTER (type = 'interval' AND visible) AS visible_ms,
        sum(wall_ms) FILTER (type = 'interval' AND muted) AS muted_ms,
        sum(wall_ms) FILTER (type = 'interval' AND mode = 'fullscreen') AS fullscreen_ms,
        sum(wall_ms) FILTER (type = 'interval' AND mode = 'pip') AS pip_ms,
        count(*) AS events,
        max(seq) + 1 - count(*) AS gaps,
        count(*) FILTER (is_inconsistent) AS inconsistent,
        arg_min(browser, seq) FILTER (browser IS NOT NULL) AS browser,
        arg_min(os, seq) FILTER (os IS NOT NULL) AS os,
        arg_min(device_type, seq) FILTER (device_type IS NOT NULL) AS device_type,
        arg_min(country, seq) FILTER (country IS NOT NULL) AS country,
        max(greatest(position_s, coalesce(to_s, 0))) AS max_position_s,
        list({
            'kind': type, 'seq': seq, 't_ms': t_ms, 'position_s': position_s, 'from_s': from_s, 'to_s': to_s,
            'wait_ms': CASE WHEN type = 'seek' THEN coalesce(wait_ms, 0) ELSE wait_ms END, 'cause': cause,
            'counted': CASE WHEN type = 'seek' THEN is_counted_seek END,
            'paused_ms': CASE WHEN type = 'pause' THEN until_resumed_ms END
        } ORDER BY seq) FILTER (type IN ('seek', 'stall') OR is_counted_pause) AS marks
    FROM judged
    GROUP BY view_id
)

SELECT
    *,
    cast(timezone('UTC', started_at) AS DATE) AS dt,
    played AND NOT is_bot AND coalesce(playing_ms, 0) >= 1000 AS is_valid,
    -- Rule 2: the moment from which silence closes the view; nothing is due after a view_end.
    CASE WHEN last_type <> 'view_end' THEN epoch_ms(last_occurred_at) + 300000 END AS due_ms
FROM summed
LEFT JOIN told USING (view_id)
