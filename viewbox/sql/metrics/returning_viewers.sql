-- title: Returning viewers
-- unit: count   grain: video_id   empty: 0   version: 1
-- rule: Viewers of the selected valid views who had a valid view of the same video on an earlier day of
--   VIEWBOX_TIMEZONE, however long ago. Synthetic views count for synthetic ones only.
-- source: ViewBox
-- column: returning_viewer_share ratio: of the selected viewers
SELECT
    video_id, period,
    count(*) FILTER (returned) AS returning_viewers,
    count(*) FILTER (returned) / count(*) AS returning_viewer_share,
    sum(views)::BIGINT AS n
FROM (
    SELECT
        video_id, period, viewer_key, sum(views) AS views,
        bool_or((last_at AT TIME ZONE $timezone)::DATE > (first_at AT TIME ZONE $timezone)::DATE) AS returned
    FROM viewer_visits
    JOIN first_visits USING (watched_id, viewer_key, synthetic)
    GROUP BY video_id, period, viewer_key
)
GROUP BY video_id, period
