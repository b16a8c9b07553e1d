-- `days` without the synthetic views of videos that somebody really watched.
SELECT * FROM days WHERE NOT synthetic OR video_id NOT IN (SELECT video_id FROM real_videos)
