-- title: Unique viewers
-- unit: count   grain: video_id   empty: 0   version: 1
-- rule: Different viewer ids among valid views. An id of kind `page` lives for one page only, so a person may count
--   several times among these; page_viewers says how many they are.
-- source: Mux Data, Unique Viewers
-- column: page_viewers count: viewers known for one page only
-- column: page_viewer_share ratio: their share
SELECT
    video_id, period,
    count(DISTINCT viewer_key) AS unique_viewers,
    count(DISTINCT viewer_key) FILTER (viewer_kind = 'page') AS page_viewers,
    count(DISTINCT viewer_key) FILTER (viewer_kind = 'page') / count(DISTINCT viewer_key) AS page_viewer_share,
    count(*) AS n
FROM valid_views
GROUP BY video_id, period
