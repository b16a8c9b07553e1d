-- The sections with the share of viewers who, within one view, passed a slice of it more than once.
SELECT
    replay_runs.video_id, replay_runs.period, section, from_second AS from_s, past_second AS to_s, peak,
    count(DISTINCT passes.viewer_id) FILTER (passes.passes > 1) / any_value(audience.viewers) AS share
FROM replay_runs
JOIN passes
  ON passes.video_id = replay_runs.video_id AND passes.period IS NOT DISTINCT FROM replay_runs.period
 AND passes.second >= from_second AND passes.second < past_second
JOIN (
    SELECT video_id, period, count(DISTINCT viewer_id) AS viewers FROM shown_views GROUP BY video_id, period
) AS audience
  ON audience.video_id = replay_runs.video_id AND audience.period IS NOT DISTINCT FROM replay_runs.period
GROUP BY replay_runs.video_id, replay_runs.period, section, from_second, past_second, peak
