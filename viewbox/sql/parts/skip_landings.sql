-- Where the jumps over each skipped section ended, by 1 s cell.
SELECT
    skip_runs.video_id, skip_runs.period, skip_runs.section, floor(skips.to_s)::BIGINT AS cell, count(*) AS jumps
FROM skip_runs
JOIN skips
  ON skips.video_id = skip_runs.video_id AND skips.period IS NOT DISTINCT FROM skip_runs.period
 AND skips.first < skips.past AND skips.first < skip_runs.to_s AND skips.past > skip_runs.from_s
GROUP BY ALL
