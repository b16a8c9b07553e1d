-- What stands beside every number: how many views there are, and what is missing or odd about them.
SELECT
    count(*) FILTER (is_valid) AS n_views,
    count(*) FILTER (NOT is_valid AND NOT is_bot) AS invalid,
    count(*) FILTER (is_bot) AS bots,
    count(*) FILTER (source = 'synthetic') AS synthetic,
    coalesce(sum(gaps), 0)::BIGINT AS gaps,
    count(*) FILTER (closed_by = 'timeout') AS timeouts,
    count(*) FILTER (closed_by IS NULL) AS open,
    coalesce(sum(inconsistent), 0)::BIGINT AS inconsistent,
    count(*) FILTER (is_valid AND viewer_kind = 'page') / nullif(count(*) FILTER (is_valid), 0) AS page_view_share,
    (
        SELECT count(*) FROM dead_letters
        WHERE received_at >= coalesce($since::TIMESTAMPTZ, '-infinity')
          AND received_at < coalesce($until::TIMESTAMPTZ, 'infinity')
    ) AS dead_letters
FROM selected_views
