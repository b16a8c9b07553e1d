-- title: Pause frequency
-- unit: per hour   grain: video_id   empty: null   version: 2
-- rule: Pauses per hour of playing, over valid views. The pause that browsers report just before the end is none, nor is
--   a pause while already paused.
-- source: ViewBox
-- interval: bootstrap   population: valid_views   numerator: pauses   denominator: playing_ms / 3600000
-- param: revision int<=1000000 null: which revision of the video's source by_second shows; newest
-- column: mean_pause_s s: mean length of a pause
-- column: pauses count: pauses
-- column: playing_s s: time played
-- column: by_second list of {second, pauses}: the seconds of the video in which views of one revision paused; by video only
SELECT
    paused.video_id, paused.period,
    sum(paused.pauses) / nullif(sum(paused.playing_ms) / 3600000, 0) AS pause_frequency,
    sum(paused.paused_ms) / 1000 / nullif(sum(paused.pauses), 0) AS mean_pause_s,
    sum(paused.pauses)::BIGINT AS pauses,
    sum(paused.playing_ms) / 1000 AS playing_s,
    coalesce(any_value(places.by_second), []) AS by_second,
    count(*) AS n
FROM valid_views AS paused
LEFT JOIN (
    SELECT video_id, period, list({'second': second, 'pauses': pauses} ORDER BY second) AS by_second
    FROM (
        SELECT
            shown_views.video_id, shown_views.period, least(slices - 1, floor(pauses.position_s))::BIGINT AS second,
            count(*) AS pauses
        FROM pauses JOIN shown_views USING (view_id)
        GROUP BY ALL
    )
    GROUP BY video_id, period
) AS places
  ON places.video_id = paused.video_id AND places.period IS NOT DISTINCT FROM paused.period
GROUP BY paused.video_id, paused.period
