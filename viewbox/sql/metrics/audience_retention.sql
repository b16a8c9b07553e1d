-- title: Audience retention
-- unit: ratio   grain: video_id, second, from_s   empty: no rows   version: 1
-- rule: For each second of the video, how often it was played per valid view (absolute: replays raise it above 1) and
--   the share of views that played it at least once (unique). A second counts as played when its middle was. With
--   per=viewer both are per viewer, over all views together. One revision is shown, the newest unless asked.
-- source: YouTube Analytics, audienceWatchRatio
-- param: per view|viewer view: what the shares are of
-- param: points int<=1000 0: resample to so many equal stretches of the video; 0 = its own seconds
-- param: revision int<=1000000 null: which revision of the video's source; newest
-- column: second s: start of the slice, whole seconds
-- column: from_s s: exact start of the slice
-- column: to_s s: exact end of the slice
-- column: absolute ratio: plays / n; the same as audience_retention
-- column: unique ratio: of views or viewers who played it at least once
-- column: n count: views, or viewers with per=viewer
SELECT
    resampled.video_id, resampled.period, resampled.revision, floor(from_s)::BIGINT AS second, from_s, to_s,
    sum(weight * plays ORDER BY own.own_second) / any_value(of_what) / sum(weight ORDER BY own.own_second)
        AS audience_retention,
    audience_retention AS absolute,
    sum(weight * seen ORDER BY own.own_second) / any_value(of_what) / sum(weight ORDER BY own.own_second) AS "unique",
    any_value(of_what) AS n
FROM resampled
JOIN (
    SELECT
        grid.video_id, grid.period, grid.second AS own_second, slice_plays.plays,
        CASE WHEN $per = 'viewer' THEN coalesce(slice_viewers.viewers, 0) ELSE slice_plays.views END AS seen,
        CASE WHEN $per = 'viewer' THEN grid.viewers ELSE grid.views END AS of_what
    FROM grid
    JOIN slice_plays
      ON slice_plays.video_id = grid.video_id AND slice_plays.period IS NOT DISTINCT FROM grid.period
     AND slice_plays.second = grid.second
    LEFT JOIN slice_viewers
      ON slice_viewers.video_id = grid.video_id AND slice_viewers.period IS NOT DISTINCT FROM grid.period
     AND slice_viewers.second = grid.second
) AS own
  ON own.video_id = resampled.video_id AND own.period IS NOT DISTINCT FROM resampled.period
 AND own.own_second = resampled.own_second
GROUP BY resampled.video_id, resampled.period, resampled.revision, resampled.target, from_s, to_s
