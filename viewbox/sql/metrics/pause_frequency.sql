-- title: Pause frequency
-- unit: per hour   grain: video_id   empty: null   version: 1
-- rule: Pauses per hour of playing, over valid views. The pause that browsers report just before the end is none, nor is
--   a pause while already paused.
-- source: ViewBox
-- interval: bootstrap   population: valid_views   numerator: pauses   denominator: playing_ms / 3600000
-- column: mean_pause_s s: mean length of a pause
-- column: pauses count: pauses
-- column: playing_s s: time played
SELECT
    video_id, period,
    sum(pauses) / nullif(sum(playing_ms) / 3600000, 0) AS pause_frequency,
    sum(paused_ms) / 1000 / nullif(sum(pauses), 0) AS mean_pause_s,
    sum(pauses)::BIGINT AS pauses,
    sum(playing_ms) / 1000 AS playing_s,
    count(*) AS n
FROM valid_views
GROUP BY video_id, period
