-- The same counts as `quality`, where whole UTC days without filters are asked about: the table `days` has them ready.
SELECT
    coalesce(sum(valid_views), 0)::BIGINT AS n_views,
    coalesce(sum(invalid), 0)::BIGINT AS invalid,
    coalesce(sum(bots), 0)::BIGINT AS bots,
    coalesce(sum(views) FILTER (synthetic), 0)::BIGINT AS synthetic,
    coalesce(sum(gaps), 0)::BIGINT AS gaps,
    coalesce(sum(timeouts), 0)::BIGINT AS timeouts,
    coalesce(sum(open_views), 0)::BIGINT AS open,
    coalesce(sum(inconsistent), 0)::BIGINT AS inconsistent,
    sum(page_views) / nullif(sum(valid_views), 0) AS page_view_share,
    (
        SELECT count(*) FROM dead_letters
        WHERE received_at >= coalesce($since::TIMESTAMPTZ, '-infinity')
          AND received_at < coalesce($until::TIMESTAMPTZ, 'infinity')
    ) AS dead_letters
FROM selected_days
