-- title: Returning viewers
-- unit: count   grain: video_id   empty: 0   version: 1
-- rule: Viewers of the selected valid views who had a valid view of the same video on an earlier day of
--   VIEWBOX_TIMEZONE, however long ago. Synthetic views count for synthetic ones only.
-- source: ViewBox
-- column: returning_viewer_share ratio: of the selected viewers
SELECT
    chosen.video_id, chosen.period,
    count(DISTINCT chosen.viewer_key) FILTER (chosen.day > earliest.day) AS returning_viewers,
    count(DISTINCT chosen.viewer_key) FILTER (chosen.day > earliest.day)
        / count(DISTINCT chosen.viewer_key) AS returning_viewer_share,
    count(*) AS n
FROM (
    SELECT
        video_id, period, viewer_key, watched_id, coalesce(source = 'synthetic', false) AS synthetic,
        (started_at AT TIME ZONE $timezone)::DATE AS day
    FROM valid_views
) AS chosen
JOIN (
    SELECT
        video_id AS watched_id, viewer_key, coalesce(source = 'synthetic', false) AS synthetic,
        (min(started_at) AT TIME ZONE $timezone)::DATE AS day
    FROM newest_views
    WHERE is_valid
    GROUP BY video_id, viewer_key, synthetic
) AS earliest USING (viewer_key, watched_id, synthetic)
GROUP BY chosen.video_id, chosen.period
