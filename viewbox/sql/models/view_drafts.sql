-- Views as far as their own events tell: everything that needs no duration and no other view.
-- in: heads, touched_events (all events of some views), turns, stretches. Rules 2–11 of the contract "From events to a
-- view".
-- Lengths of media are added up in whole nanoseconds: sums do not depend on order, and tenths stay tenths.
WITH openings AS (
    -- Each view's first event: what every event of a view says, it says too.
    SELECT
        view_no, view_id, video_id, revision, viewer_id, viewer_kind, session_id, source, is_bot,
        browser, os, device_type, country
    FROM heads
    WHERE opens
),

devices AS (
    -- What the first event does not say, the first that does.
    SELECT
        view_no,
        arg_min(browser, seq) FILTER (browser IS NOT NULL) AS browser,
        arg_min(os, seq) FILTER (os IS NOT NULL) AS os,
        arg_min(device_type, seq) FILTER (device_type IS NOT NULL) AS device_type,
        arg_min(country, seq) FILTER (country IS NOT NULL) AS country
    FROM heads
    SEMI JOIN (
        SELECT view_no FROM openings WHERE browser IS NULL OR os IS NULL OR device_type IS NULL OR country IS NULL
    ) AS silent USING (view_no)
    WHERE browser IS NOT NULL OR os IS NOT NULL OR device_type IS NOT NULL OR country IS NOT NULL
    GROUP BY view_no
),

jumps AS (
    SELECT
        *,
        cast(to_s * 1e9 AS BIGINT) - cast(from_s * 1e9 AS BIGINT) AS distance_ns,
        -- Rule 7.
        coalesce(cause IN ('user', 'chapter', 'skip'), TRUE) AND abs(distance_ns) > 250000000 AS counted
    FROM touched_events
    WHERE type = 'seek'
),

contexts AS (
    -- A context stands on every event of the message that brought it, and many views send the same: read each text once.
    SELECT
        context,
        from_json(
            context,
            '{"language": "VARCHAR", "referrer": "VARCHAR", "player_name": "VARCHAR", "player_version": "VARCHAR",
              "player_h": "BIGINT", "duration_s": "DOUBLE", "autoplay": "BOOLEAN", "experiment": "JSON",
              "custom": "JSON"}'
        ) AS facts
    FROM (SELECT DISTINCT context FROM heads WHERE context IS NOT NULL)
    WHERE json_valid(context)
),

told AS (
    SELECT
        view_no,
        arg_min(facts.language, seq) FILTER (facts.language IS NOT NULL) AS language,
        arg_min(facts.referrer, seq) FILTER (facts.referrer IS NOT NULL) AS referrer_domain,
        arg_min(facts.player_name, seq) FILTER (facts.player_name IS NOT NULL) AS player_name,
        arg_min(facts.player_version, seq) FILTER (facts.player_version IS NOT NULL) AS player_version,
        arg_min(facts.player_h, seq) FILTER (facts.player_h IS NOT NULL) AS player_h,
        arg_min(facts.autoplay, seq) FILTER (facts.autoplay IS NOT NULL) AS autoplay,
        arg_min(cast(facts.experiment AS VARCHAR), seq) FILTER (json_type(facts.experiment) = 'OBJECT') AS experiment,
        arg_min(cast(facts.custom AS VARCHAR), seq) FILTER (json_type(facts.custom) = 'OBJECT') AS custom,
        arg_min(facts.duration_s, seq) FILTER (facts.duration_s IS NOT NULL) AS reported_duration_s
    FROM (SELECT view_no, seq, facts FROM heads JOIN contexts USING (context))
    GROUP BY view_no
),

renditions AS (
    SELECT
        view_no,
        count(*) FILTER (bitrate_bps > bitrate_before) AS switches_up,
        count(*) FILTER (bitrate_bps < bitrate_before) AS switches_down
    FROM (
        SELECT view_no, bitrate_bps, lag(bitrate_bps) OVER (PARTITION BY view_no ORDER BY seq) AS bitrate_before
        FROM touched_events
        WHERE type = 'rendition'
    )
    GROUP BY view_no
),

rates AS (
    SELECT view_no, count(*) AS rate_changes
    FROM touched_events
    JOIN turns USING (view_no)
    WHERE type = 'rate' AND seq > first_playing_seq
    GROUP BY view_no
),

marks AS (
    -- Seeks, stalls and counted pauses, in the order in which they happened.
    SELECT
        view_no,
        list_sort(list({
            'seq': seq, 'kind': kind, 't_ms': t_ms, 'position_s': position_s, 'from_s': from_s, 'to_s': to_s,
            'wait_ms': wait_ms, 'cause': cause, 'counted': counted, 'paused_ms': paused_ms
        })) AS marks
    FROM (
        SELECT
            view_no, cast(type AS VARCHAR) AS kind, seq, t_ms, position_s, from_s, to_s, coalesce(wait_ms, 0) AS wait_ms, cause, counted,
            NULL::BIGINT AS paused_ms
        FROM jumps
        UNION ALL BY NAME
        SELECT view_no, cast(type AS VARCHAR) AS kind, seq, t_ms, position_s, wait_ms, cause
        FROM touched_events
        WHERE type = 'stall'
        UNION ALL BY NAME
        SELECT view_no, 'pause' AS kind, unnest(pause_marks, max_depth := 2)
        FROM turns
    )
    GROUP BY view_no
),

seeks AS (
    SELECT
        view_no,
        count(*) FILTER (counted AND to_s > from_s) AS seeks_forward,
        count(*) FILTER (counted AND to_s < from_s) AS seeks_back,
        sum(distance_ns) FILTER (counted AND to_s > from_s) AS skipped_ns,
        sum(wait_ms) AS seek_wait_ms
    FROM jumps
    GROUP BY view_no
),

played_intervals AS (
    SELECT
        view_no,
        sum(wall_ms) AS playing_ms,
        sum(cast(to_s * 1e9 AS BIGINT) - cast(from_s * 1e9 AS BIGINT)) AS media_ns,
        sum(bitrate_bps * wall_ms) AS bits_by_wall,
        sum(CASE WHEN bitrate_bps IS NOT NULL THEN wall_ms END) AS bitrate_wall_ms,
        max(height) AS max_height,
        sum(CASE WHEN visible THEN wall_ms END) AS visible_ms,
        sum(CASE WHEN muted THEN wall_ms END) AS muted_ms,
        sum(CASE WHEN mode = 'fullscreen' THEN wall_ms END) AS fullscreen_ms,
        sum(CASE WHEN mode = 'pip' THEN wall_ms END) AS pip_ms,
        max(to_s) AS max_to_s,
        -- Rule 11.
        count_if(
            abs(to_s - from_s - rate * wall_ms / 1000) > greatest(1, 0.1 * rate * wall_ms / 1000)
        ) AS inconsistent
    FROM touched_events
    WHERE type = 'interval'
    GROUP BY view_no
),

heartbeats AS (
    SELECT view_no, max(dropped_frames) AS dropped_frames, max(total_frames) AS total_frames
    FROM touched_events
    WHERE type = 'heartbeat' AND (dropped_frames IS NOT NULL OR total_frames IS NOT NULL)
    GROUP BY view_no
),

summed AS (
    SELECT
        view_no,
        max(seq) AS last_seq,
        min(epoch_us(occurred_at) - 1000 * t_ms) AS started_us,
        max(t_ms) AS max_t_ms,
        arg_max(epoch_ms(occurred_at), seq) AS last_occurred_ms,
        arg_max(position_s, seq) AS last_position_s,
        max(position_s) AS max_playhead_s,
        count(*) AS events,
        sum(CASE WHEN type = 'stall' THEN wait_ms END) AS stall_ms,
        count_if(type = 'stall') AS stalls,
        max(CASE WHEN type = 'seek' THEN to_s END) AS max_landing_s,
        max(CASE WHEN type = 'rendition' THEN height END) AS max_rendition_height,
        count_if(epoch_ms(received_at) - epoch_ms(occurred_at) > 300000) AS late_events,
        abs(min(clock_offset_ms)) AS clock_offset_ms
    FROM touched_events
    GROUP BY view_no
),

upscaled AS (
    -- How much larger the player was than the picture, by the time each height was shown.
    SELECT
        view_no,
        list_sum(list_sort(list(wall_ms * greatest(0, player_h / height - 1)))) / nullif(sum(wall_ms), 0) AS upscaling
    FROM (
        SELECT view_no, height, sum(wall_ms) AS wall_ms
        FROM touched_events
        WHERE type = 'interval' AND height > 0
        GROUP BY view_no, height
    )
    JOIN told USING (view_no)
    WHERE player_h IS NOT NULL
    GROUP BY view_no
),

errors AS (
    SELECT view_no, code AS error_code
    FROM touched_events
    SEMI JOIN (SELECT view_no, first_fatal_seq AS seq FROM turns) AS firsts USING (view_no, seq)
)

SELECT
    summed.* EXCLUDE (view_no, started_us, last_seq, last_occurred_ms, max_playhead_s, max_landing_s, max_rendition_height),
    turns.* EXCLUDE (view_no, pause_marks),
    told.* EXCLUDE (view_no),
    openings.* EXCLUDE (view_no, browser, os, device_type, country),
    coalesce(openings.browser, devices.browser) AS browser,
    coalesce(openings.os, devices.os) AS os,
    coalesce(openings.device_type, devices.device_type) AS device_type,
    coalesce(openings.country, devices.country) AS country,
    played_intervals.* EXCLUDE (view_no, max_height, max_to_s, inconsistent),
    greatest(played_intervals.max_height, max_rendition_height) AS max_height,
    coalesce(inconsistent, 0) AS inconsistent,
    heartbeats.* EXCLUDE (view_no),
    coalesce(seeks_forward, 0) AS seeks_forward,
    coalesce(seeks_back, 0) AS seeks_back,
    skipped_ns, seek_wait_ms,
    make_timestamptz(started_us) AS started_at,
    cast(make_timestamp(started_us) AS DATE) AS dt,
    last_seq + 1 - events AS gaps,
    error_code,
    coalesce(rate_changes, 0) AS rate_changes,
    coalesce(switches_up, 0) AS switches_up,
    coalesce(switches_down, 0) AS switches_down,
    greatest(max_playhead_s, coalesce(max_landing_s, 0), coalesce(max_to_s, 0)) AS max_position_s,
    first_position_s, stretches, seen, marks, upscaling,
    first_playing_ms IS NOT NULL OR inconsistent IS NOT NULL AS played,
    played AND NOT openings.is_bot AND coalesce(playing_ms, 0) >= 1000 AS is_valid,
    -- Rule 2: the moment from which silence closes the view; nothing is due after a view_end.
    CASE WHEN last_type <> 'view_end' THEN last_occurred_ms + 300000 END AS due_ms
FROM summed
JOIN turns USING (view_no)
JOIN openings USING (view_no)
LEFT JOIN devices USING (view_no)
LEFT JOIN told USING (view_no)
LEFT JOIN played_intervals USING (view_no)
LEFT JOIN heartbeats USING (view_no)
LEFT JOIN seeks USING (view_no)
LEFT JOIN renditions USING (view_no)
LEFT JOIN rates USING (view_no)
LEFT JOIN marks USING (view_no)
LEFT JOIN errors USING (view_no)
LEFT JOIN upscaled USING (view_no)
LEFT JOIN stretches USING (view_no)
