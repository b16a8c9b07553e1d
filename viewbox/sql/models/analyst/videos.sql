-- The catalog as it is now.
SELECT * FROM catalog_videos
