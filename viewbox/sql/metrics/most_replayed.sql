-- title: Most replayed
-- unit: ratio   grain: video_id, second, from_s   empty: no rows   version: 1
-- rule: For each second of the video, how often a view came back to it: passes beyond the first, per valid view,
--   smoothed over 1 % of the video. A section is a run of seconds at half the peak or more and at twice the median or
--   more; the best five are numbered. Under ten views there are no rows.
-- source: YouTube, most replayed (its algorithm is unpublished; this one is ours)
-- param: points int<=1000 0: resample to so many equal stretches of the video; 0 = its own seconds
-- param: revision int<=1000000 null: which revision of the video's source; newest
-- column: second s: start of the slice, whole seconds
-- column: from_s s: exact start of the slice
-- column: to_s s: exact end of the slice
-- column: extra ratio: replays per view before smoothing
-- column: section count: rank of the section it belongs to; null outside
-- column: section_from_s s: where that section begins
-- column: section_to_s s: where it ends
-- column: section_peak ratio: its highest value
-- column: section_share ratio: viewers who replayed some of it
-- column: n count: valid views
SELECT
    resampled.video_id, resampled.period, resampled.revision, floor(resampled.from_s)::BIGINT AS second,
    resampled.from_s, resampled.to_s,
    sum(weight * smoothed ORDER BY own_second) / sum(weight ORDER BY own_second) AS most_replayed,
    sum(weight * extra ORDER BY own_second) / sum(weight ORDER BY own_second) AS extra,
    any_value(sections.section) AS section,
    any_value(sections.from_s) AS section_from_s,
    any_value(sections.to_s) AS section_to_s,
    any_value(sections.peak) AS section_peak,
    any_value(sections.share) AS section_share,
    any_value(smoothed_replays.n) AS n
FROM resampled
JOIN smoothed_replays
  ON smoothed_replays.video_id = resampled.video_id
 AND smoothed_replays.period IS NOT DISTINCT FROM resampled.period
 AND smoothed_replays.second = resampled.own_second
LEFT JOIN replay_sections AS sections
  ON sections.video_id = resampled.video_id AND sections.period IS NOT DISTINCT FROM resampled.period
 AND resampled.own_second >= sections.from_s AND resampled.own_second < sections.to_s
WHERE smoothed_replays.n >= 10
GROUP BY resampled.video_id, resampled.period, resampled.revision, resampled.target, resampled.from_s, resampled.to_s
