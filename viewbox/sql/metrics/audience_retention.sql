-- title: Audience retention
-- unit: ratio   grain: video_id, second   empty: no rows   version: 1
-- rule: For each second of the video, how often it was played per valid view (absolute: replays raise it above 1) and
--   the share of views that played it at least once (unique). A second counts as played when its middle was. With
--   per=viewer both are per viewer, over all views together. One revision is shown, the newest unless asked.
-- source: YouTube Analytics, audienceWatchRatio
-- param: per view|viewer view: what the shares are of
-- param: points int 0: resample to so many equal stretches of the video; 0 = its own seconds
-- param: revision int null: which revision of the video's source; newest
-- column: second s: start of the slice, whole seconds
-- column: from_s s: exact start of the slice
-- column: to_s s: exact end of the slice
-- column: absolute ratio: plays / n; the same as audience_retention
-- column: unique ratio: of views or viewers who played it at least once
-- column: n count: views, or viewers with per=viewer
SELECT
    resampled.video_id, resampled.period, resampled.revision, floor(from_s)::BIGINT AS second, from_s, to_s,
    sum(weight * plays / of_what) AS audience_retention,
    sum(weight * plays / of_what) AS absolute,
    sum(weight * seen / of_what) AS "unique",
    any_value(of_what) AS n
FROM resampled
JOIN (
    SELECT *, second AS own_second,
        CASE WHEN $per = 'viewer' THEN viewers ELSE views END AS seen,
        CASE WHEN $per = 'viewer' THEN n_viewers ELSE n END AS of_what
    FROM slice_plays
) AS slice_plays
  ON slice_plays.video_id = resampled.video_id AND slice_plays.period IS NOT DISTINCT FROM resampled.period
 AND slice_plays.own_second = resampled.own_second
GROUP BY resampled.video_id, resampled.period, resampled.revision, resampled.target, from_s, to_s
