-- extra = passes beyond a view's first, per view. Smoothed by a centred triangle: weights h + 1 - |j| for the h
-- slices to either side, renormalised where the video begins and ends.
SELECT
    here.video_id, here.period, here.second,
    any_value((here.plays - here.views) / here.n) AS extra, any_value(here.n) AS n,
    sum((half_width + 1 - abs(near.second - here.second)) * (near.plays - near.views))
        / (sum(half_width + 1 - abs(near.second - here.second)) * any_value(here.n)) AS smoothed
FROM (
    SELECT *, greatest(1, round(coalesce(duration_s, slices) / 200))::BIGINT AS half_width FROM slice_plays
) AS here
JOIN slice_plays AS near
  ON near.video_id = here.video_id AND near.period IS NOT DISTINCT FROM here.period
 AND near.second BETWEEN here.second - half_width AND here.second + half_width
GROUP BY here.video_id, here.period, here.second
