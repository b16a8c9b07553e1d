-- For each number of units 400 resamples: how often each unit is drawn, in the order of the units.
SELECT units, list(times::DOUBLE ORDER BY unit) AS times
FROM (
    SELECT units, resample, unit, count(draw) AS times
    FROM (
        SELECT units, resample, draw, hash(resample, draw) % units AS unit
        FROM (
            SELECT units, resample, unnest(range(units)) AS draw
            FROM (SELECT DISTINCT units FROM cluster_lists), range(400) AS resamples(resample)
        )
        UNION ALL
        SELECT units, resample, NULL, unnest(range(units)::UBIGINT[])
        FROM (SELECT DISTINCT units FROM cluster_lists), range(400) AS resamples(resample)
    )
    GROUP BY units, resample, unit
)
GROUP BY units, resample
