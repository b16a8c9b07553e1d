-- title: Playback failures
-- unit: ratio   grain: video_id   empty: null   version: 1
-- rule: Share of attempts (non-bot views with a play that the browser did not refuse) with a fatal error, at start-up
--   (before the first frame) or midstream.
-- source: CTA-2066, Failure %; Mux Data, Playback Failure Percentage
-- interval: wilson   population: attempts   numerator: failed::INT   denominator: 1
-- column: startup_failures ratio: of attempts
-- column: midstream_failures ratio: of attempts
-- column: failures count: attempts that failed
-- column: by_code list of {code, failures, startup}: first fatal error's code, most frequent first
-- column: n count: attempts
SELECT
    video_id, period,
    sum(failures) / sum(tried) AS playback_failures,
    sum(startup) / sum(tried) AS startup_failures,
    sum(failures - startup) / sum(tried) AS midstream_failures,
    sum(failures)::BIGINT AS failures,
    coalesce(
        list({'code': error_code, 'failures': failures, 'startup': startup} ORDER BY failures DESC, error_code ASC)
            FILTER (failures > 0),
        []
    ) AS by_code,
    sum(tried)::BIGINT AS n
FROM (
    SELECT
        video_id, period, error_code, count(*) AS tried,
        count(*) FILTER (failed) AS failures, count(*) FILTER (startup_failed) AS startup
    FROM attempts GROUP BY video_id, period, error_code
)
GROUP BY video_id, period
