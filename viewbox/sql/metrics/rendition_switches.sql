-- title: Rendition switches
-- unit: per hour   grain: video_id   empty: null   version: 1
-- rule: Changes to a rendition of higher or lower bitrate, per hour of playing, over played non-bot views. The first
--   rendition of a view is no change, nor is one whose bitrate, or the one before, is unknown.
-- source: Mux Data, Rendition Change, Upshift and Downshift Count, per hour of playing
-- interval: bootstrap   population: played_views   numerator: switches_up + switches_down   denominator: playing_ms / 3600000
-- column: up_per_hour per hour: changes to a higher bitrate
-- column: down_per_hour per hour: changes to a lower one; up_per_hour + down_per_hour = rendition_switches
-- column: switches_up count: changes to a higher bitrate
-- column: switches_down count: changes to a lower one
-- column: n count: played non-bot views
SELECT
    video_id, period,
    sum(switches_up + switches_down) / nullif(sum(playing_ms) / 3600000, 0) AS rendition_switches,
    sum(switches_up) / nullif(sum(playing_ms) / 3600000, 0) AS up_per_hour,
    sum(switches_down) / nullif(sum(playing_ms) / 3600000, 0) AS down_per_hour,
    sum(switches_up)::BIGINT AS switches_up,
    sum(switches_down)::BIGINT AS switches_down,
    count(*) AS n
FROM played_views
GROUP BY video_id, period
