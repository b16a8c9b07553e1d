-- What views add to `days`: sums per day, and the length that they were computed with.
-- in: state_views (rows of views, with sign)
SELECT
    video_id, revision, dt,
    coalesce(source = 'synthetic', FALSE) AS synthetic,
    sum(sign) AS views,
    coalesce(sum(sign) FILTER (is_valid), 0) AS valid_views,
    coalesce(sum(sign * watch_ms) FILTER (is_valid), 0) AS watch_ms,
    coalesce(sum(sign * playing_ms) FILTER (is_valid), 0) AS playing_ms,
    coalesce(sum(sign) FILTER (is_bot), 0) AS bots,
    coalesce(sum(sign) FILTER (NOT is_valid AND NOT is_bot), 0) AS invalid,
    coalesce(sum(sign) FILTER (is_valid AND viewer_kind = 'page'), 0) AS page_views,
    coalesce(sum(sign * gaps), 0) AS gaps,
    coalesce(sum(sign) FILTER (closed_by = 'timeout'), 0) AS timeouts,
    coalesce(sum(sign) FILTER (closed_by IS NULL), 0) AS open_views,
    coalesce(sum(sign * inconsistent), 0) AS inconsistent,
    max(version) FILTER (sign > 0) AS version,
    any_value(duration_s) FILTER (sign > 0) AS duration_s,
    any_value(slices) FILTER (sign > 0) AS slices
FROM state_views
GROUP BY ALL
