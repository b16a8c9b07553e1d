-- The sections with the share of viewers who, within one view, passed a slice of it more than once: more passes than
-- slices seen. Where no stretch overlaps another, a view has as many ranges seen as stretches and cannot be one.
SELECT
    replay_runs.video_id, replay_runs.period, replay_runs.section, from_second AS from_s, past_second AS to_s, peak,
    count(DISTINCT again.viewer_key) / any_value(audience.viewers) AS share
FROM replay_runs
LEFT JOIN (
    SELECT runs.video_id, runs.period, section, viewer_key
    FROM (SELECT * FROM shown_views WHERE len(stretches) > len(seen)) AS views
    JOIN replay_runs AS runs
      ON runs.video_id = views.video_id AND runs.period IS NOT DISTINCT FROM views.period
    WHERE
        list_sum([
            greatest(0,
                least(past_second, ceil(way['to_s'] - middle_s)) - greatest(from_second, ceil(way['from_s'] - middle_s))
            )
            FOR way IN stretches
        ]) > list_sum([
            greatest(0,
                least(past_second, ceil(way['to_s'] - middle_s)) - greatest(from_second, ceil(way['from_s'] - middle_s))
            )
            FOR way IN seen
        ])
) AS again
  ON again.video_id = replay_runs.video_id AND again.period IS NOT DISTINCT FROM replay_runs.period
 AND again.section = replay_runs.section
JOIN (SELECT video_id, period, any_value(viewers) AS viewers FROM grid GROUP BY video_id, period) AS audience
  ON audience.video_id = replay_runs.video_id AND audience.period IS NOT DISTINCT FROM replay_runs.period
GROUP BY replay_runs.video_id, replay_runs.period, replay_runs.section, from_second, past_second, peak
