-- title: Viewer completion rate
-- unit: ratio   grain: video_id   empty: null   version: 1
-- rule: Share of viewers who, over all their selected valid views together, played at least 90 % of the video
--   (parameter completed_at). Two halves on two days make a whole.
-- source: ViewBox
-- interval: wilson   population: viewer_coverage   numerator: (coverage >= $completed_at)::INT   denominator: 1
-- param: completed_at float<=1 0.9: least share of the video that counts as complete
-- column: completed count: viewers who completed
SELECT
    video_id, period,
    count(*) FILTER (coverage >= $completed_at) / nullif(count(coverage), 0) AS viewer_completion_rate,
    count(*) FILTER (coverage >= $completed_at) AS completed,
    count(coverage) AS n
FROM viewer_coverage
GROUP BY video_id, period
