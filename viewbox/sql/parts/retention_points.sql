-- Unique retention of every shown video at $points equal stretches of it.
SELECT
    resampled.video_id, resampled.period, resampled.revision, resampled.target, resampled.from_s, resampled.to_s,
    any_value(slice_plays.duration_s) AS duration_s,
    sum(weight * slice_plays.views ORDER BY own_second) / any_value(slice_plays.n) / sum(weight ORDER BY own_second) AS seen,
    any_value(slice_plays.n) AS n
FROM resampled
JOIN slice_plays
  ON slice_plays.video_id = resampled.video_id AND slice_plays.period IS NOT DISTINCT FROM resampled.period
 AND slice_plays.second = resampled.own_second
GROUP BY resampled.video_id, resampled.period, resampled.revision, resampled.target, resampled.from_s, resampled.to_s
