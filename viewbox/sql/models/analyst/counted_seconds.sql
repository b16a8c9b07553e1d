-- `seconds` without the synthetic views of videos that somebody really watched, as it lies on disk: who adds rows up over
-- days anyway spares adding them up per day first.
SELECT * FROM lake_seconds WHERE NOT synthetic OR video_id NOT IN (SELECT video_id FROM real_videos)
