-- How often each view passed each slice, where it did.
SELECT video_id, period, revision, view_id, viewer_id, second, count(*) AS passes
FROM (
    SELECT
        shown_views.video_id, shown_views.period, shown_views.revision, shown_views.view_id, shown_views.viewer_id,
        unnest(range(
            greatest(0, ceil(from_s - middle_s))::BIGINT,
            least(slices, ceil(to_s - middle_s))::BIGINT
        )) AS second
    FROM intervals JOIN shown_views USING (view_id)
)
GROUP BY ALL
