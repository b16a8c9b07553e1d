-- title: Skipped sections
-- unit: ratio   grain: video_id, section   empty: no rows   version: 1
-- rule: Parts of the video that viewers jump over. For each second, the views that jumped it ÷ the views that played or
--   jumped it (skip_share). Seconds that at least 10 views reached and whose skip_share is at least 5 % and at least
--   twice the video's median make a section when three or more follow each other; a gap of one second is bridged.
--   Resume, program and loop jumps are no behaviour and not counted.
-- source: ViewBox
-- param: revision int<=1000000 null: which revision of the video's source; newest
-- column: section count: number of the section, in the order of the video
-- column: from_s s: where it begins
-- column: to_s s: where it ends
-- column: share ratio: highest skip_share in it; the same as skipped_sections
-- column: landed s: second in which most of the jumps over it ended
-- column: n count: valid views
SELECT
    skip_runs.video_id, skip_runs.period, skip_runs.revision, skip_runs.section, skip_runs.from_s, skip_runs.to_s,
    skip_runs.share AS skipped_sections, skip_runs.share,
    arg_min(skip_landings.cell, (-skip_landings.jumps, skip_landings.cell)) AS landed,
    skip_runs.n
FROM skip_runs
JOIN skip_landings
  ON skip_landings.video_id = skip_runs.video_id AND skip_landings.period IS NOT DISTINCT FROM skip_runs.period
 AND skip_landings.section = skip_runs.section
GROUP BY ALL
