-- 400 resamples of groups with replacement: how often each was drawn, as a list in the order of groups. The same draws
-- as in confidence_bootstrap: hash() stands in for chance.
SELECT units, resample, list(times::DOUBLE ORDER BY unit) AS times_list
FROM (
    SELECT units, resample, unit, sum(times) AS times
    FROM (
        SELECT units, resample, unnest(range(units)) AS unit, 0 AS times
        FROM (SELECT DISTINCT units, unnest(range(400)) AS resample FROM group_steps)
        UNION ALL
        SELECT units, resample, hash(resample, draw) % units AS unit, 1 AS times
        FROM (
            SELECT units, resample, unnest(range(units)) AS draw
            FROM (SELECT DISTINCT units, unnest(range(400)) AS resample FROM group_steps)
        )
    )
    GROUP BY units, resample, unit
)
GROUP BY units, resample
