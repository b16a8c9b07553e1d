-- Starts in `seconds` are the valid views that moved; exits those closed before the end.
SELECT coalesce(s.video_id, v.video_id) AS video_id, coalesce(s.revision, v.revision) AS revision
FROM (
    SELECT video_id, revision, sum(starts) AS starts, sum(exits) AS exits, sum(paused) AS paused, sum(stall_ms) AS stall_ms
    FROM seconds
    GROUP BY video_id, revision
) AS s
FULL JOIN (
    SELECT
        video_id, revision,
        count(first_position_s) AS starts,
        count(*) FILTER (closed_by IS NOT NULL AND NOT coalesce(completed, FALSE) AND NOT reached_end) AS exits,
        sum(pauses) AS paused,
        sum(stall_ms) AS stall_ms
    FROM views
    WHERE is_valid
    GROUP BY video_id, revision
) AS v ON v.video_id = s.video_id AND v.revision = s.revision
WHERE
    coalesce(s.starts, 0) <> coalesce(v.starts, 0) OR coalesce(s.exits, 0) <> coalesce(v.exits, 0)
    OR coalesce(s.paused, 0) <> coalesce(v.paused, 0) OR coalesce(s.stall_ms, 0) <> coalesce(v.stall_ms, 0)
