-- What the rollup remembers of each view between refreshes.
-- in: view_drafts, $now_ms
SELECT
    view_id, video_id, revision,
    CASE WHEN reported_duration_s > 0 THEN reported_duration_s END AS reported_duration_s,
    max_position_s, is_valid,
    CASE WHEN due_ms > $now_ms THEN due_ms END AS due_ms,
    dt
FROM view_drafts
