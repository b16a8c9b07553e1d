-- Every slice of every shown video and period, so that a slice nobody reached is a 0 and not a hole.
SELECT
    video_id, period, revision, views, viewers, slices, duration_s, unnest(range(slices)) AS second
FROM (
    SELECT video_id, period, revision, count(*) AS views, count(DISTINCT viewer_key) AS viewers
    FROM shown_views GROUP BY video_id, period, revision
) JOIN sliced_videos USING (video_id, revision)
