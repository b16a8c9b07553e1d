-- Most-replayed sections: maximal runs of slices at half the peak or more and twice the median or more; the top 5.
SELECT video_id, period, from_second, past_second, peak, row_number() OVER (
        PARTITION BY video_id, period ORDER BY peak DESC, from_second ASC
    ) AS section
FROM (
    SELECT video_id, period, min(second) AS from_second, max(second) + 1 AS past_second, max(smoothed) AS peak
    FROM (
        SELECT *, second - row_number() OVER (PARTITION BY video_id, period ORDER BY second) AS run
        FROM (
            SELECT smoothed_replays.*,
                max(smoothed) OVER of_video AS top, median(smoothed) OVER of_video AS middle
            FROM smoothed_replays
            WINDOW of_video AS (PARTITION BY video_id, period)
        )
        WHERE top > 0 AND smoothed >= top / 2 AND smoothed >= 2 * middle
    )
    GROUP BY video_id, period, run
)
QUALIFY section <= 5
