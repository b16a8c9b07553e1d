-- Share of a revision that each viewer played over all selected valid views: length of the union of their intervals;
-- null without a duration (least() alone would pass over the null and answer 1).
SELECT
    video_id, period, viewer_id, watched_id, revision,
    CASE WHEN any_value(duration_s) > 0 THEN least(1, sum(new_s) / any_value(duration_s)) END AS coverage
FROM (
    SELECT
        stretches.* EXCLUDE (from_s, to_s),
        greatest(0, to_s - greatest(from_s, coalesce(max(to_s) OVER so_far, 0))) AS new_s
    FROM (
        SELECT
            valid_views.video_id, valid_views.period, valid_views.viewer_id, lengths.video_id AS watched_id,
            lengths.revision, lengths.duration_s,
            least(intervals.from_s, lengths.duration_s) AS from_s, least(intervals.to_s, lengths.duration_s) AS to_s
        FROM intervals
        JOIN valid_views USING (view_id)
        JOIN revision_lengths AS lengths
          ON lengths.video_id = intervals.video_id AND lengths.revision = intervals.revision
    ) AS stretches
    WINDOW so_far AS (
        PARTITION BY video_id, period, viewer_id, watched_id, revision
        ORDER BY from_s, to_s ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
)
GROUP BY video_id, period, viewer_id, watched_id, revision
