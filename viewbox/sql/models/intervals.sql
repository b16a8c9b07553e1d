-- The played stretches of views as they were sent, dated and labelled by their view's draft or row.
-- in: touched_events, labels (view_no, view_id, video_id, revision, viewer_id, dt; ids may be codes), $step
SELECT
    v.view_id, v.video_id, v.revision, v.viewer_id, e.seq, e.t_ms, e.occurred_at, e.from_s, e.to_s, e.rate, e.wall_ms,
    e.visible, e.muted, e.mode, e.height, e.bitrate_bps,
    v.dt, $step AS version
FROM touched_events AS e
JOIN labels AS v USING (view_no)
WHERE e.type = 'interval'
