-- title: Start-up time
-- unit: seconds   grain: video_id   empty: null   version: 1
-- rule: Median time from the first play that the browser did not refuse to the first moving frame, over non-bot views
--   that got there. Views that never started are in exits_before_start and playback_failures.
-- source: CTA-2066, initialStartupTime; Mux Data, Video Startup Time
-- column: p75_s s: three in four start sooner
-- column: p95_s s: nineteen in twenty start sooner
-- column: p99_s s: ninety-nine in a hundred start sooner
-- column: histogram list of {from_s, to_s, views}: views by start-up time, [from_s, to_s); the last is open
SELECT
    video_id, period,
    quantiles[1] / 1000 AS startup_time,
    quantiles[2] / 1000 AS p75_s,
    quantiles[3] / 1000 AS p95_s,
    quantiles[4] / 1000 AS p99_s,
    list_transform(
        list_zip([0, 250, 500, 1000, 2000, 3000, 5000, 10000], [250, 500, 1000, 2000, 3000, 5000, 10000, NULL], counts),
        LAMBDA bin: {'from_s': bin[1] / 1000, 'to_s': bin[2] / 1000, 'views': bin[3]}
    ) AS histogram,
    n
FROM (
    SELECT
        video_id, period,
        quantile_cont(startup_ms, [0.5, 0.75, 0.95, 0.99]) AS quantiles,
        [
            count_if(startup_ms < 250),
            count_if(startup_ms >= 250 AND startup_ms < 500),
            count_if(startup_ms >= 500 AND startup_ms < 1000),
            count_if(startup_ms >= 1000 AND startup_ms < 2000),
            count_if(startup_ms >= 2000 AND startup_ms < 3000),
            count_if(startup_ms >= 3000 AND startup_ms < 5000),
            count_if(startup_ms >= 5000 AND startup_ms < 10000),
            count_if(startup_ms >= 10000)
        ]::BIGINT[] AS counts,
        count(*) AS n
    FROM played_views
    WHERE startup_ms IS NOT NULL
    GROUP BY video_id, period
)
