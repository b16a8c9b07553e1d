-- title: Time saved
-- unit: seconds   grain: video_id   empty: 0   version: 1
-- rule: Video seconds played minus wall-clock seconds that took, over valid views; playing slowly makes it negative.
-- source: ViewBox
-- column: media_s s: video played
-- column: playing_s s: wall-clock time that took
SELECT
    video_id, period,
    sum(media_s) - sum(playing_ms) / 1000 AS time_saved,
    sum(media_s) AS media_s,
    sum(playing_ms) / 1000 AS playing_s,
    count(*) AS n
FROM valid_views
GROUP BY video_id, period
