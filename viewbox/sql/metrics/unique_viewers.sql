-- title: Unique viewers
-- unit: count   grain: video_id   empty: 0   version: 1
-- rule: Different viewer ids among valid views. An id of kind `page` lives for one page only, so a person may count
--   several times among these; page_viewers says how many they are.
-- source: Mux Data, Unique Viewers
-- column: page_viewers count: viewers known for one page only
-- column: page_viewer_share ratio: their share
SELECT
    video_id, period,
    count(*) AS unique_viewers,
    count(*) FILTER (is_page) AS page_viewers,
    count(*) FILTER (is_page) / count(*) AS page_viewer_share,
    sum(views)::BIGINT AS n
FROM (
    SELECT video_id, period, viewer_key, bool_or(viewer_kind = 'page') AS is_page, count(*) AS views
    FROM valid_views
    GROUP BY video_id, period, viewer_key
)
GROUP BY video_id, period
