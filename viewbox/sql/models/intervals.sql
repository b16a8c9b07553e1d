-- The played stretches of views, dated and labelled by their view's row.
-- in: touched_events, step_views (the views' rows of this step)
SELECT
    e.view_id, v.video_id, v.revision, v.viewer_id, e.seq, e.t_ms, e.occurred_at, e.from_s, e.to_s, e.rate, e.wall_ms,
    e.visible, e.muted, e.mode, e.height, e.bitrate_bps,
    v.dt, v.version
FROM touched_events AS e
JOIN step_views AS v USING (view_id)
WHERE e.type = 'interval'
