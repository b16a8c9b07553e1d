-- What views add to `days`: sums per day, and the length that they were computed with.
-- in: state_views (rows of views, with sign)
SELECT
    video_id, revision, dt,
    coalesce(source = 'synthetic', FALSE) AS synthetic,
    sum(sign) AS views,
    coalesce(sum(sign) FILTER (is_valid), 0) AS valid_views,
    coalesce(sum(sign * watch_ms) FILTER (is_valid), 0) AS watch_ms,
    coalesce(sum(sign * playing_ms) FILTER (is_valid), 0) AS playing_ms,
    max(version) FILTER (sign > 0) AS version,
    any_value(duration_s) FILTER (sign > 0) AS duration_s,
    any_value(slices) FILTER (sign > 0) AS slices
FROM state_views
GROUP BY ALL
