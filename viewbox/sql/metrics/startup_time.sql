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
    quantile_cont(startup_ms, 0.5) / 1000 AS startup_time,
    quantile_cont(startup_ms, 0.75) / 1000 AS p75_s,
    quantile_cont(startup_ms, 0.95) / 1000 AS p95_s,
    quantile_cont(startup_ms, 0.99) / 1000 AS p99_s,
    list_transform(
        [[0, 250], [250, 500], [500, 1000], [1000, 2000], [2000, 3000], [3000, 5000], [5000, 10000], [10000, NULL]],
        LAMBDA bin: {
            'from_s': bin[1] / 1000,
            'to_s': bin[2] / 1000,
            'views': len(list_filter(
                list(startup_ms), LAMBDA ms: ms >= bin[1] AND (bin[2] IS NULL OR ms < bin[2])
            ))
        }
    ) AS histogram,
    count(*) AS n
FROM played_views
WHERE startup_ms IS NOT NULL
GROUP BY video_id, period
