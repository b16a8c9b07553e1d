-- title: Average bitrate
-- unit: bits per second   grain: video_id   empty: null   version: 1
-- rule: Mean bitrate of what was shown, each second of playing weighing the same, over played non-bot views. Playing at
--   an unknown bitrate is left out; known_share says how much is known.
-- source: Mux Data, Weighted Average Bitrate (manifest bitrate by seconds played)
-- interval: bootstrap   population: known_bitrates   numerator: bitrate_bps * wall_ms   denominator: wall_ms
-- column: known_share ratio: share of the time played whose bitrate is known
-- column: playing_s s: time played
-- column: n count: played non-bot views
SELECT
    audience.video_id, audience.period,
    known.bits_by_ms / nullif(known.wall_ms, 0) AS average_bitrate,
    coalesce(known.wall_ms, 0) / nullif(audience.playing_ms, 0) AS known_share,
    audience.playing_ms / 1000 AS playing_s,
    audience.n
FROM (
    SELECT video_id, period, sum(playing_ms) AS playing_ms, count(*) AS n FROM played_views GROUP BY video_id, period
) AS audience
LEFT JOIN (
    SELECT video_id, period, sum(bitrate_bps * wall_ms) AS bits_by_ms, sum(wall_ms) AS wall_ms
    FROM known_bitrates GROUP BY video_id, period
) AS known
  ON known.video_id = audience.video_id AND known.period IS NOT DISTINCT FROM audience.period
