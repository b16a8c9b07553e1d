-- title: Dropped frames
-- unit: ratio   grain: video_id   empty: null   version: 1
-- rule: Frames that the player dropped ÷ frames that it was to show, summed over the played non-bot views that report
--   both.
-- source: W3C Media Playback Quality, droppedVideoFrames ÷ totalVideoFrames
-- interval: bootstrap   population: counted_frames   numerator: dropped_frames   denominator: total_frames
-- column: dropped count: frames dropped
-- column: total count: frames in all, dropped ones included
-- column: n count: played non-bot views that report frames
SELECT
    video_id, period,
    sum(dropped_frames) / nullif(sum(total_frames), 0) AS dropped_frames,
    sum(dropped_frames)::BIGINT AS dropped,
    sum(total_frames)::BIGINT AS total,
    count(*) AS n
FROM counted_frames
GROUP BY video_id, period
