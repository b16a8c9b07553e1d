-- The keys of experiment and custom that occur in views, and their values, the most frequent first. Beyond 200,000
-- views a fixed share of them speaks for all, so that a very rare key may be missing. A page sends any
-- key and any value, so both are cut: 12 keys of each column, $most values of each key.
WITH sampled AS (
    SELECT experiment::VARCHAR AS experiment, custom::VARCHAR AS custom
    FROM views
    WHERE hash(started_at) % (SELECT count(*) // 200000 + 1 FROM views) = 0
),
-- Few texts differ, so that few are taken apart.
texts AS (
    SELECT 'experiment' AS dimension, experiment AS pairs, count(*) AS n FROM sampled
    WHERE experiment IS NOT NULL GROUP BY experiment
    UNION ALL
    SELECT 'custom', custom, count(*) FROM sampled WHERE custom IS NOT NULL GROUP BY custom
),
counted AS (
    SELECT dimension, entry.key, entry.value, sum(n)::BIGINT AS n
    FROM (SELECT dimension, n, unnest(map_entries(from_json(pairs, '"MAP(VARCHAR, VARCHAR)"'))) AS entry FROM texts)
    GROUP BY ALL
),
of_keys AS (
    SELECT dimension, key, sum(n) AS n_of_key,
        row_number() OVER (PARTITION BY dimension ORDER BY sum(n) DESC, key) AS place
    FROM counted GROUP BY dimension, key
)
SELECT dimension, key, value, n_of_key < (SELECT count(*) FROM sampled) AS has_unknown
FROM counted JOIN of_keys USING (dimension, key)
WHERE place <= 12 AND key <> ''
QUALIFY row_number() OVER (PARTITION BY dimension, key ORDER BY n DESC, value) <= $most
ORDER BY dimension DESC, place, n DESC, value
