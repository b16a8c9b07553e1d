-- title: Exits before start
-- unit: ratio   grain: video_id   empty: null   version: 1
-- rule: Share of attempts (non-bot views with a play that the browser did not refuse) that ended without a frame and
--   without a fatal error, split by how long the viewer waited, from that play to the view's last event.
-- source: Mux Data, Exits Before Video Start; the split is ours
-- interval: wilson   population: attempts   numerator: exit_before_start::INT   denominator: 1
-- column: exits count: attempts that ended so
-- column: waited_0_1_s count: of these, after less than 1 s
-- column: waited_1_3_s count: after 1 s or more, less than 3 s
-- column: waited_3_10_s count: after 3 s or more, less than 10 s
-- column: waited_10_s count: after 10 s or more
-- column: n count: attempts
SELECT
    video_id, period,
    count(*) FILTER (exit_before_start) / count(*) AS exits_before_start,
    count(*) FILTER (exit_before_start) AS exits,
    count(*) FILTER (exit_before_start AND waited_ms < 1000) AS waited_0_1_s,
    count(*) FILTER (exit_before_start AND waited_ms >= 1000 AND waited_ms < 3000) AS waited_1_3_s,
    count(*) FILTER (exit_before_start AND waited_ms >= 3000 AND waited_ms < 10000) AS waited_3_10_s,
    count(*) FILTER (exit_before_start AND waited_ms >= 10000) AS waited_10_s,
    count(*) AS n
FROM (SELECT *, epoch_ms(ended_at) - epoch_ms(started_at) - play_ms AS waited_ms FROM attempts)
GROUP BY video_id, period
