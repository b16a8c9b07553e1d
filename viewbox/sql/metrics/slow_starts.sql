-- title: Slow starts
-- unit: ratio   grain: video_id   empty: null   version: 1
-- rule: Share of non-bot views that got to their first moving frame and took longer for it than over_s seconds, from the
--   first play that the browser did not refuse. With over_s at the median of an audience, a group like all others has
--   half of its starts above it.
-- source: CTA-2066, initialStartupTime; Mood 1950, the median test
-- interval: wilson   population: played_views   numerator: (startup_ms > 1000 * $over_s)::INT   denominator: 1
-- param: over_s float<=600 2: slower than so many seconds
-- column: slow count: starts that took longer
-- column: n count: starts
SELECT
    video_id, period,
    count(*) FILTER (startup_ms > 1000 * $over_s) / nullif(count(startup_ms), 0) AS slow_starts,
    count(*) FILTER (startup_ms > 1000 * $over_s) AS slow,
    count(startup_ms) AS n
FROM played_views
GROUP BY video_id, period
