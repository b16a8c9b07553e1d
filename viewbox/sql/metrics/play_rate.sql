-- title: Play rate
-- unit: ratio   grain: video_id   empty: null   version: 1
-- rule: Share of non-bot views in which frames moved at all.
-- source: Wistia, play rate
-- interval: wilson   population: nonbot_views   numerator: played::INT   denominator: 1
-- column: played count: views that played
-- column: n count: non-bot views
SELECT
    video_id, period,
    count(*) FILTER (played) / count(*) AS play_rate,
    count(*) FILTER (played) AS played,
    count(*) AS n
FROM nonbot_views
GROUP BY video_id, period
