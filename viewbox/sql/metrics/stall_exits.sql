-- title: Exits after a stall
-- unit: ratio   grain: video_id   empty: null   version: 1
-- rule: Share of the exits of valid views (closed, neither completed nor at the end) whose last event came within 10 s of
--   wall time after a stall. expected is the share of all playing time that lies within 10 s after a stall: what to
--   expect of exits that do not mind stalls. excess is the difference.
-- source: ViewBox
-- interval: wilson   population: exits_after_stalls   numerator: after_stall::INT   denominator: 1
-- column: expected ratio: share of the time played within 10 s after a stall
-- column: excess ratio: stall_exits − expected
-- column: after_stall count: exits within 10 s after a stall
-- column: playing_s s: time played by all valid views
-- column: after_stall_s s: part of it within 10 s after a stall
-- column: n count: exits
SELECT
    played.video_id, played.period,
    exits.after_stall / exits.n AS stall_exits,
    played.after_stall_ms / nullif(played.playing_ms, 0) AS expected,
    exits.after_stall / exits.n - played.after_stall_ms / nullif(played.playing_ms, 0) AS excess,
    coalesce(exits.after_stall, 0) AS after_stall,
    played.playing_ms / 1000 AS playing_s,
    played.after_stall_ms / 1000 AS after_stall_s,
    coalesce(exits.n, 0) AS n
FROM (
    SELECT
        video_id, period, sum(playing_ms) AS playing_ms,
        coalesce(sum(played_after_stalls.played_ms), 0) AS after_stall_ms
    FROM valid_views LEFT JOIN played_after_stalls USING (view_id)
    GROUP BY video_id, period
) AS played
LEFT JOIN (
    SELECT video_id, period, count(*) FILTER (after_stall) AS after_stall, count(*) AS n
    FROM exits_after_stalls GROUP BY video_id, period
) AS exits
  ON exits.video_id = played.video_id AND exits.period IS NOT DISTINCT FROM played.period
