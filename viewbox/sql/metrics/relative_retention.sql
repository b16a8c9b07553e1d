-- title: Relative retention
-- unit: ratio   grain: video_id, slice   empty: no rows   version: 2   scope: library
-- rule: For each hundredth of the video, its percentile rank by unique retention among the videos whose length is within
--   25 % of its own, itself included: the share of them that kept fewer of their views, and half of the share that kept
--   as many. 0.5 is the middle. The others are counted over the same period and filters. Under five such videos, and
--   without a known length, there are no rows.
-- source: YouTube Analytics, relativeRetentionPerformance (its formula is unpublished); ours is the
--   mid-rank percentile
-- param: points int>=1<=1000 100: how many equal stretches of the video
-- param: revision int<=1000000 null: which revision of the videos' sources; newest
-- column: slice count: number of the stretch, from 0
-- column: from_s s: where it begins
-- column: to_s s: where it ends
-- column: unique ratio: of this video's views that played it at least once
-- column: videos count: videos compared, this one included
-- column: n count: valid views of this video
SELECT
    video_id, period, revision, target AS slice, from_s, to_s,
    ((rank(ORDER BY shown) OVER alike - 1) / count(*) OVER alike + cume_dist(ORDER BY shown) OVER alike) / 2
        AS relative_retention,
    seen AS "unique",
    count(*) OVER alike AS videos,
    n
FROM (
    SELECT *, round(seen, 9) AS shown, duration_s / 4 AS reach_s
    FROM retention_points WHERE duration_s IS NOT NULL
)
WINDOW alike AS (
    PARTITION BY period, target ORDER BY duration_s
    RANGE BETWEEN reach_s PRECEDING AND reach_s FOLLOWING
)
QUALIFY count(*) OVER alike >= 5
