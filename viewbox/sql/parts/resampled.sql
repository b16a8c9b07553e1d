-- The slices that rows are about, and what each takes from the video's own: itself when $points is 0, else $points
-- equal stretches of the video, each an average of the slices it overlaps, weighted by how much.
SELECT
    video_id, period, revision, target, own_second, from_s, to_s,
    CASE WHEN $points = 0 THEN 1
         ELSE greatest(0, least(to_s, own_to_s) - greatest(from_s, own_second)) END AS weight
FROM (
    SELECT *, CASE WHEN own_second = slices - 1 THEN length_s ELSE own_second + 1 END AS own_to_s
    FROM (
        SELECT *, unnest(range(
            least(slices - 1, floor(from_s)::BIGINT), greatest(floor(from_s)::BIGINT + 1, least(slices, ceil(to_s)::BIGINT))
        )) AS own_second
        FROM (
            SELECT *,
                CASE WHEN $points = 0 THEN target ELSE target * length_s / $points END AS from_s,
                CASE WHEN $points <> 0 THEN (target + 1) * length_s / $points
                     WHEN target = slices - 1 THEN length_s ELSE target + 1 END AS to_s
            FROM (
                SELECT *, unnest(range(CASE WHEN $points = 0 THEN slices ELSE $points END)) AS target
                FROM (
                    SELECT DISTINCT video_id, period, revision, slices,
                        greatest(coalesce(duration_s, slices), 0.001) AS length_s
                    FROM grid
                )
            )
        )
    )
)
