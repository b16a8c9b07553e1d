-- title: What happens in each second
-- unit: ratio   grain: video_id, second   empty: no rows   version: 1
-- rule: For each second of the video: the share of views that jumped over it among those that played or jumped it,
--   and how often a valid view paused there, stalled there, or ended there without having finished.
-- source: ViewBox
-- param: revision int<=1000000 null: which revision of the video's source; newest
-- column: second s: start of the slice
-- column: skip_share ratio: jumped over ÷ (played or jumped over); the same as by_second
-- column: reached count: views that played or jumped it
-- column: pauses count: pauses
-- column: stalls count: stalls
-- column: stall_s s: time stalled
-- column: exits count: closed views, not finished, whose last position lies there
-- column: n count: valid views
SELECT
    slice_skips.video_id, slice_skips.period, slice_skips.revision, slice_skips.second,
    slice_skips.skip_share AS by_second, slice_skips.skip_share, slice_skips.reached,
    coalesce(happened.pauses, 0)::BIGINT AS pauses, coalesce(happened.stalls, 0)::BIGINT AS stalls,
    coalesce(happened.stall_s, 0) AS stall_s, coalesce(happened.exits, 0)::BIGINT AS exits, slice_skips.n
FROM slice_skips
LEFT JOIN (
    SELECT video_id, period, second, sum(pauses) AS pauses, sum(stalls) AS stalls, sum(stall_s) AS stall_s,
        sum(exits) AS exits
    FROM (
        SELECT video_id, period, least(slices - 1, floor(position_s))::BIGINT AS second,
            (kind = 'pause')::INT AS pauses, (kind = 'stall')::INT AS stalls,
            CASE WHEN kind = 'stall' THEN wait_ms / 1000 ELSE 0 END AS stall_s, 0 AS exits
        FROM shown_marks
        WHERE kind IN ('pause', 'stall')
        UNION ALL
        SELECT video_id, period, least(slices - 1, floor(last_position_s))::BIGINT, 0, 0, 0.0, 1
        FROM shown_views
        WHERE closed_by IS NOT NULL AND completed IS NOT TRUE AND NOT reached_end
    )
    GROUP BY video_id, period, second
) AS happened
  ON happened.video_id = slice_skips.video_id AND happened.period IS NOT DISTINCT FROM slice_skips.period
 AND happened.second = slice_skips.second
