-- title: Completion rate
-- unit: ratio   grain: video_id   empty: null   version: 1
-- rule: Share of valid views that played at least 90 % of the video (parameter completed_at). What counts is what was
--   played, not where the playhead ended: a jump to the end completes nothing.
-- source: Snowplow media, completion, by coverage instead of position
-- interval: wilson   population: valid_views   numerator: (coverage >= $completed_at)::INT   denominator: 1
-- param: completed_at float<=1 0.9: least share of the video that counts as complete
-- column: completed count: complete views
SELECT
    video_id, period,
    count(*) FILTER (coverage >= $completed_at) / nullif(count(coverage), 0) AS completion_rate,
    count(*) FILTER (coverage >= $completed_at) AS completed,
    count(coverage) AS n
FROM valid_views
GROUP BY video_id, period
