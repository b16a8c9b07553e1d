-- title: Views
-- unit: count   grain: video_id   empty: 0   version: 1
-- rule: Playback attempts that played for at least one second, robots left out. A replay or a loop is the same view.
-- source: ViewBox; the one-second rule keeps accidental starts out (Jellystat #208, playbackreporting #16)
SELECT video_id, period, count(*) AS views, count(*) AS n
FROM valid_views
GROUP BY video_id, period
