-- Views: the drafts, measured against their video's duration and against the clock.
-- in: view_drafts, durations (video_id, revision, duration_s, slices), $now_ms, $step
WITH covered AS (
    -- Rule 5: what was seen within [0, duration].
    SELECT
        view_id,
        sum(
            cast(least(seen.to_s, coalesce(duration_s, seen.to_s)) * 1e9 AS BIGINT)
            - cast(least(seen.from_s, coalesce(duration_s, seen.from_s)) * 1e9 AS BIGINT)
        ) AS unique_ns
    FROM (
        SELECT v.view_id, d.duration_s, unnest(v.seen) AS seen
        FROM view_drafts AS v
        LEFT JOIN durations AS d ON d.video_id = v.video_id AND d.revision = v.revision
    )
    GROUP BY view_id
),

measured AS (
    SELECT
        v.*,
        d.duration_s,
        d.slices,
        coalesce(v.media_ns, 0) / 1e9 AS media_s,
        coalesce(c.unique_ns, 0) / 1e9 AS unique_s,
        (coalesce(v.media_ns, 0) - coalesce(c.unique_ns, 0)) / 1e9 AS rewatched_s,
        -- `least` passes over null, hence the CASE.
        CASE WHEN d.duration_s > 0 THEN least(1.0, coalesce(c.unique_ns, 0) / 1e9 / d.duration_s) END AS coverage,
        CASE
            WHEN last_type = 'view_end' THEN 'view_end'
            WHEN $now_ms >= due_ms THEN 'timeout'
        END AS closed_by
    FROM view_drafts AS v
    LEFT JOIN covered AS c USING (view_id)
    LEFT JOIN durations AS d ON d.video_id = v.video_id AND d.revision = v.revision
)

SELECT
    view_id, video_id, revision, viewer_id, viewer_kind, session_id, source, started_at,
    started_at + to_milliseconds(max_t_ms) AS ended_at,
    dt, played, is_valid, is_bot,
    coverage >= 0.9::DOUBLE AS completed,
    reached_end, closed_by,
    CASE WHEN first_play_ms IS NOT NULL AND first_playing_ms IS NOT NULL
        THEN greatest(0, first_playing_ms - first_play_ms)
    END AS startup_ms,
    watch_ms,
    coalesce(playing_ms, 0) AS playing_ms,
    media_s, unique_s, rewatched_s, coverage,
    media_s / nullif(playing_ms / 1000, 0) AS mean_rate,
    pauses,
    coalesce(paused_ms, 0) AS paused_ms,
    seeks_forward, seeks_back,
    coalesce(skipped_ns, 0) / 1e9 AS skipped_s,
    coalesce(seek_wait_ms, 0) AS seek_wait_ms,
    stalls,
    coalesce(stall_ms, 0) AS stall_ms,
    coalesce(stall_ms, 0) / nullif(watch_ms, 0) AS rebuffer_ratio,
    rate_changes,
    play_wanted AND NOT played AND first_fatal_seq IS NULL AND closed_by IS NOT NULL AS exit_before_start,
    first_fatal_seq IS NOT NULL AS failed,
    coalesce(first_fatal_seq < coalesce(first_playing_seq, first_fatal_seq + 1), FALSE) AS startup_failed,
    error_code, switches_up, switches_down,
    bits_by_wall / nullif(bitrate_wall_ms, 0) AS mean_bitrate_bps,
    max_height, dropped_frames, total_frames, first_position_s, last_position_s,
    coalesce(visible_ms, 0) AS visible_ms,
    coalesce(muted_ms, 0) AS muted_ms,
    coalesce(fullscreen_ms, 0) AS fullscreen_ms,
    coalesce(pip_ms, 0) AS pip_ms,
    events, gaps, inconsistent, browser, os, device_type, country, language, referrer_domain, player_name,
    player_version, player_h, autoplay, experiment, custom,
    $step AS version,
    duration_s, slices, max_position_s,
    coalesce(marks, []) AS marks,
    coalesce(stretches, []) AS stretches,
    coalesce(seen, []) AS seen,
    bitrate_wall_ms AS bitrate_ms,
    late_events, clock_offset_ms, first_play_ms, upscaling,
    cast(md5_number_lower(viewer_id) >> 1 AS BIGINT) AS viewer_key
FROM measured
