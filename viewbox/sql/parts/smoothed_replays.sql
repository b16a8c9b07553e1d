-- extra = passes beyond a view's first, per view. Smoothed by a centred triangle: weights h + 1 - |j| for the h
-- slices to either side, renormalised where the video begins and ends. The triangle's two sides are sums of x and of
-- x times its place, so that a video's smoothing costs its length, not its length times the triangle's.
SELECT
    video_id, period, second, replays / n AS extra, n,
    (
        (half_width + 1 - second) * sum(replays) OVER up_to_here + sum(replays * second) OVER up_to_here
        + (half_width + 1 + second) * coalesce(sum(replays) OVER beyond, 0)
        - coalesce(sum(replays * second) OVER beyond, 0)
    ) / (
        (half_width + 1) * (before + 1 + behind) - before * (before + 1) / 2 - behind * (behind + 1) / 2
    ) / n AS smoothed
FROM (
    SELECT *, least(half_width, second) AS before, least(half_width, slices - 1 - second) AS behind
    FROM (
        SELECT
            video_id, period, second, slices, n, plays - views AS replays,
            greatest(1, round(coalesce(duration_s, slices) / 200))::BIGINT AS half_width
        FROM slice_plays
    )
)
WINDOW
    up_to_here AS (
        PARTITION BY video_id, period ORDER BY second ROWS BETWEEN half_width PRECEDING AND CURRENT ROW
    ),
    beyond AS (
        PARTITION BY video_id, period ORDER BY second ROWS BETWEEN 1 FOLLOWING AND half_width FOLLOWING
    )
