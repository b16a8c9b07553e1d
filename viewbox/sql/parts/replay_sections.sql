-- The sections with the share of viewers who, within one view, passed a slice of it more than once.
SELECT
    replay_runs.video_id, replay_runs.period, replay_runs.section, from_second AS from_s, past_second AS to_s, peak,
    count(DISTINCT again.viewer_id) / any_value(audience.viewers) AS share
FROM replay_runs
LEFT JOIN (
    SELECT video_id, period, section, viewer_id
    FROM (
        SELECT
            shown_views.video_id, shown_views.period, section, shown_views.view_id, shown_views.viewer_id,
            unnest(range(
                greatest(from_second, ceil(from_s - middle_s))::BIGINT,
                least(past_second, ceil(to_s - middle_s))::BIGINT
            )) AS second
        FROM intervals
        JOIN shown_views USING (view_id)
        JOIN replay_runs
          ON replay_runs.video_id = shown_views.video_id AND replay_runs.period IS NOT DISTINCT FROM shown_views.period
         AND intervals.to_s > from_second AND intervals.from_s < past_second
    )
    GROUP BY video_id, period, section, view_id, viewer_id, second
    HAVING count(*) > 1
) AS again
  ON again.video_id = replay_runs.video_id AND again.period IS NOT DISTINCT FROM replay_runs.period
 AND again.section = replay_runs.section
JOIN (
    SELECT video_id, period, count(DISTINCT viewer_id) AS viewers FROM shown_views GROUP BY video_id, period
) AS audience
  ON audience.video_id = replay_runs.video_id AND audience.period IS NOT DISTINCT FROM replay_runs.period
GROUP BY replay_runs.video_id, replay_runs.period, replay_runs.section, from_second, past_second, peak
