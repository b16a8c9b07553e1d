-- The sections with the share of viewers who, within one view, passed a slice of it more than once: more passes than
-- slices seen.
SELECT
    replay_runs.video_id, replay_runs.period, replay_runs.section, from_second AS from_s, past_second AS to_s, peak,
    count(DISTINCT again.viewer_id) / any_value(audience.viewers) AS share
FROM replay_runs
LEFT JOIN (
    SELECT video_id, period, section, viewer_id
    FROM (
        SELECT
            ways.video_id, ways.period, section, view_id, viewer_id,
            least(past_second, past) - greatest(from_second, first) AS passes
        FROM ways
        JOIN replay_runs
          ON replay_runs.video_id = ways.video_id AND replay_runs.period IS NOT DISTINCT FROM ways.period
         AND past > from_second AND first < past_second AND first < past
        UNION ALL
        SELECT
            seen_ways.video_id, seen_ways.period, section, view_id, viewer_id,
            greatest(from_second, first) - least(past_second, past)
        FROM seen_ways
        JOIN replay_runs
          ON replay_runs.video_id = seen_ways.video_id AND replay_runs.period IS NOT DISTINCT FROM seen_ways.period
         AND past > from_second AND first < past_second AND first < past
    )
    GROUP BY video_id, period, section, view_id, viewer_id
    HAVING sum(passes) > 0
) AS again
  ON again.video_id = replay_runs.video_id AND again.period IS NOT DISTINCT FROM replay_runs.period
 AND again.section = replay_runs.section
JOIN (
    SELECT video_id, period, count(DISTINCT viewer_id) AS viewers FROM shown_views GROUP BY video_id, period
) AS audience
  ON audience.video_id = replay_runs.video_id AND audience.period IS NOT DISTINCT FROM replay_runs.period
GROUP BY replay_runs.video_id, replay_runs.period, replay_runs.section, from_second, past_second, peak
