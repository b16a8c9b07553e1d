-- title: Viewer timeline
-- unit: text   grain: video_id, view_id   empty: no rows   version: 1
-- rule: What each of the newest valid views did: one digit per second of the video says how often it was played (3 = three
--   times or more), beside the view's jumps and stalls. A second counts as played when its middle was.
-- source: Kaltura, user heatmap (0, 1, 2, more than 2); ViewBox
-- param: newest int>=1<=1000 100: how many views of each video, newest first
-- param: revision int<=1000000 null: which revision of the video's source; newest
-- column: viewer_id id: whose view it is
-- column: started_at UTC: when it began
-- column: watch_s s: wall-clock seconds watched
-- column: seeks list of {t_s, from_s, to_s, cause, counted}: jumps, in their order
-- column: stalls list of {t_s, position_s, wait_s}: stalls, in their order
-- column: n count: valid views of the video
SELECT
    chosen.video_id, chosen.period, chosen.revision, chosen.view_id, chosen.viewer_id, chosen.started_at,
    chosen.watch_ms / 1000 AS watch_s,
    view_strips.strip AS viewer_timeline,
    coalesce(jumps.seeks, []) AS seeks,
    coalesce(waits.stalls, []) AS stalls,
    audience.n
FROM newest_shown_views AS chosen
JOIN view_strips
  ON view_strips.view_id = chosen.view_id
JOIN (SELECT video_id, period, count(*) AS n FROM shown_views GROUP BY video_id, period) AS audience
  ON audience.video_id = chosen.video_id AND audience.period IS NOT DISTINCT FROM chosen.period
LEFT JOIN (
    SELECT
        view_id,
        list({'t_s': t_ms / 1000, 'from_s': from_s, 'to_s': to_s, 'cause': cause, 'counted': counted} ORDER BY seq) AS seeks
    FROM seeks WHERE view_id IN (SELECT view_id FROM newest_shown_views) GROUP BY view_id
) AS jumps ON jumps.view_id = chosen.view_id
LEFT JOIN (
    SELECT view_id, list({'t_s': t_ms / 1000, 'position_s': position_s, 'wait_s': wait_ms / 1000} ORDER BY seq) AS stalls
    FROM stalls WHERE view_id IN (SELECT view_id FROM newest_shown_views) GROUP BY view_id
) AS waits ON waits.view_id = chosen.view_id
