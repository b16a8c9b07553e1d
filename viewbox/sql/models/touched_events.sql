-- What happened in views, event by event. What events repeat of their view is in `heads`; `view_no` joins the two: ids
-- of views are long, and everything that follows groups by view.
-- in: ordered_events (see heads.sql). out: in the same order, which the models that read it rely on. `type` is an ENUM:
-- a dozen passes ask for one kind of event, and compare bytes instead of words.
SELECT
    count(*) FILTER (opens) OVER (ROWS UNBOUNDED PRECEDING) AS view_no,  -- noqa: PRS
    seq, try_cast(type AS EVENT_TYPE) AS type, t_ms, occurred_at, received_at, clock_offset_ms, position_s, from_s, to_s, wait_ms, cause, rate,
    wall_ms, visible, muted, mode, height, bitrate_bps, dropped_frames, total_frames, fatal, code
FROM (SELECT *, coalesce(lag(view_id) OVER (), '') <> view_id AS opens FROM ordered_events)
