-- title: Speed by second
-- unit: media seconds per second   grain: video_id, second   empty: no rows   version: 1
-- rule: For each second of the video, the mean speed at which it was played, each pass weighing the same.
-- source: ViewBox
-- param: revision int<=1000000 null: which revision of the video's source; newest
-- column: second s: start of the slice
-- column: plays count: times it was played; without any the speed is null
-- column: n count: valid views
SELECT video_id, period, revision, second, rate_weighted / nullif(plays, 0) AS speed_by_second, plays, n
FROM slice_speeds
