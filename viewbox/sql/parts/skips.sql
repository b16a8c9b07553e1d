-- Counted jumps forward of the shown views, and the slices [first, past) whose middle they jumped over.
SELECT
    shown_views.video_id, shown_views.period, shown_views.revision, shown_views.view_id, shown_views.viewer_id,
    seeks.from_s, seeks.to_s,
    greatest(0, ceil(from_s - middle_s))::BIGINT AS first,
    least(slices, ceil(to_s - middle_s))::BIGINT AS past
FROM seeks JOIN shown_views USING (view_id)
WHERE seeks.counted AND seeks.to_s > seeks.from_s
