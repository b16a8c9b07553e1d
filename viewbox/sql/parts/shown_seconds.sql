-- The selected days of the shown revisions; synthetic views only where no real one exists.
SELECT second_deltas.*
FROM second_deltas SEMI JOIN sliced_videos USING (video_id, revision)
WHERE ($video_id IS NULL OR video_id = $video_id)  -- spares the files of all others; the join alone does not
  AND dt >= coalesce(($since::TIMESTAMPTZ AT TIME ZONE 'UTC')::DATE, '-infinity')
  AND dt < coalesce(($until::TIMESTAMPTZ AT TIME ZONE 'UTC')::DATE, 'infinity')
  AND (NOT synthetic OR video_id NOT IN (SELECT video_id FROM days WHERE NOT synthetic AND valid_views > 0))
