-- Deltas add up to counts: none is negative, and no slice has more views than were there.
SELECT video_id, revision, dt, second
FROM seconds
WHERE
    plays < views OR reached < views OR reached < skip_views OR skipped < skip_views OR least(
        plays, views, reached, starts, exits, landed, left_by_seek, skipped, skip_views, paused, stalled, stall_ms
    ) < 0
