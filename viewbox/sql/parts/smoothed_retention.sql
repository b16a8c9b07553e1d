-- Absolute retention of the shown videos with 30 views or more, smoothed as in most_replayed: a centred triangle of
-- weights h + 1 - |j|, renormalised where the video begins and ends. The two sides of the triangle are running sums.
SELECT
    video_id, period, revision, second, n, slices, length_s, half_width, plays, views,
    (
        (half_width + 1 - second) * sum(plays) OVER up_to_here + sum(plays * second) OVER up_to_here
        + (half_width + 1 + second) * coalesce(sum(plays) OVER beyond, 0) - coalesce(sum(plays * second) OVER beyond, 0)
    ) / (
        (half_width + 1) * (before + 1 + behind) - before * (before + 1) / 2 - behind * (behind + 1) / 2
    ) / n AS smoothed
FROM (
    SELECT *, least(half_width, second) AS before, least(half_width, slices - 1 - second) AS behind
    FROM (
        SELECT *,
            coalesce(duration_s, slices) AS length_s,
            greatest(1, round(coalesce(duration_s, slices) / 200))::BIGINT AS half_width
        FROM slice_plays WHERE n >= 30
    )
)
WINDOW
    up_to_here AS (PARTITION BY video_id, period ORDER BY second ROWS BETWEEN half_width PRECEDING AND CURRENT ROW),
    beyond AS (PARTITION BY video_id, period ORDER BY second ROWS BETWEEN 1 FOLLOWING AND half_width FOLLOWING)
