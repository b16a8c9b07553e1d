-- Plays and skips of three videos, counted anew from intervals and seeks, slice by slice: +1 where a stretch begins to
-- pass, -1 behind the last slice that it passes, then a running sum.
WITH chosen AS (
    SELECT
        video_id, revision, slices, duration_s,
        CASE WHEN duration_s < 1 THEN duration_s / 2 ELSE 0.5 END AS middle_s
    FROM revision_lengths
    WHERE (video_id, revision) IN (SELECT (video_id, revision) FROM views WHERE is_valid)
    ORDER BY hash(video_id), video_id, revision
    LIMIT 3
),

valid AS (
    SELECT view_id, dt, coalesce(source = 'synthetic', FALSE) AS synthetic, chosen.*
    FROM views JOIN chosen USING (video_id, revision)
    WHERE is_valid
),

ranges AS (
    SELECT
        valid.*, 'plays' AS measure,
        greatest(0, ceil(i.from_s - middle_s))::BIGINT AS first, least(slices, ceil(i.to_s - middle_s))::BIGINT AS past
    FROM intervals AS i JOIN valid USING (view_id)
    UNION ALL
    SELECT
        valid.*, 'skipped',
        greatest(0, ceil(s.from_s - middle_s))::BIGINT, least(slices, ceil(s.to_s - middle_s))::BIGINT
    FROM seeks AS s JOIN valid USING (view_id)
    WHERE s.counted AND s.to_s > s.from_s
),

turns AS (
    SELECT video_id, revision, dt, synthetic, measure, first AS slice, 1 AS change FROM ranges WHERE first < past
    UNION ALL
    SELECT video_id, revision, dt, synthetic, measure, past, -1 FROM ranges WHERE first < past
    UNION ALL
    SELECT video_id, revision, dt, synthetic, 'plays', second, -plays FROM seconds SEMI JOIN chosen USING (video_id, revision)
    UNION ALL
    SELECT video_id, revision, dt, synthetic, 'plays', second + 1, plays FROM seconds SEMI JOIN chosen USING (video_id, revision)
    UNION ALL
    SELECT video_id, revision, dt, synthetic, 'skipped', second, -skipped FROM seconds SEMI JOIN chosen USING (video_id, revision)
    UNION ALL
    SELECT video_id, revision, dt, synthetic, 'skipped', second + 1, skipped FROM seconds SEMI JOIN chosen USING (video_id, revision)
)

SELECT video_id, revision, dt, synthetic, measure, slice
FROM (
    SELECT
        video_id, revision, dt, synthetic, measure, slice,
        sum(sum(change)) OVER (PARTITION BY video_id, revision, dt, synthetic, measure ORDER BY slice) AS difference
    FROM turns
    GROUP BY video_id, revision, dt, synthetic, measure, slice
)
WHERE difference <> 0
