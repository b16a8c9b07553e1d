-- The selected days of the videos that are shown. Other revisions than the shown one fall away where slices are joined to
-- the grid.
SELECT *
FROM counted_seconds
WHERE ($video_id IS NULL OR video_id = $video_id)
  AND ($video_id IS NOT NULL OR video_id IN (SELECT video_id FROM sliced_videos))
  AND dt >= coalesce(($since::TIMESTAMPTZ AT TIME ZONE 'UTC')::DATE, '-infinity')
  AND dt < coalesce(($until::TIMESTAMPTZ AT TIME ZONE 'UTC')::DATE, 'infinity')
