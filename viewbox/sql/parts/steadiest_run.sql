-- The run of a tenth of the video, ten slices at least, over which the fewest views are lost; of equal ones that with
-- the most views, then the first. Slices that nobody plays are no moment.
SELECT video_id, period, revision, second AS from_s, second + length AS to_s, views - last_views AS lost, n
FROM (
    SELECT
        *, last_value(views) OVER ahead AS last_views, min(views) OVER ahead AS least_views
    FROM (
        SELECT *, length - 1 AS reach
        FROM (SELECT *, greatest(10, round(length_s / 10))::BIGINT AS length FROM smoothed_retention)
    )
    WINDOW ahead AS (PARTITION BY video_id, period ORDER BY second ROWS BETWEEN CURRENT ROW AND reach FOLLOWING)
)
WHERE second + length <= slices AND least_views > 0
QUALIFY row_number() OVER (PARTITION BY video_id, period ORDER BY lost ASC, views DESC, second ASC) = 1
