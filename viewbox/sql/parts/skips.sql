-- Counted jumps forward of the shown views, and the slices [first, past) whose middle they jumped over.
SELECT
    video_id, period, revision, view_id, viewer_id, from_s, to_s,
    greatest(0, ceil(from_s - middle_s))::BIGINT AS first,
    least(slices, ceil(to_s - middle_s))::BIGINT AS past
FROM shown_marks
WHERE kind = 'seek' AND counted AND to_s > from_s
