-- Skipped sections: slices skipped often enough, holes of one slice joined, runs of three or more kept.
SELECT
    video_id, period, revision, min(second) AS from_s, max(second) + 1 AS to_s, max(skip_share) AS share,
    any_value(n) AS n, row_number() OVER (PARTITION BY video_id, period ORDER BY min(second)) AS section
FROM (
    SELECT *, sum(starts) OVER (PARTITION BY video_id, period ORDER BY second) AS run
    FROM (
        SELECT *,
            (second - coalesce(lag(second) OVER (PARTITION BY video_id, period ORDER BY second), -3) > 2)::INT AS starts
        FROM (
            SELECT *, median(skip_share) FILTER (reached > 0) OVER (PARTITION BY video_id, period) AS middle
            FROM slice_skips
        )
        WHERE reached >= 10 AND skip_share >= greatest(0.05, 2 * middle)
    )
)
GROUP BY video_id, period, revision, run
HAVING max(second) + 1 - min(second) >= 3
