-- Views without the synthetic ones of videos that somebody really watched, in any period.
SELECT * FROM newest_views WHERE source IS DISTINCT FROM 'synthetic' OR video_id NOT IN (SELECT video_id FROM real_videos)
