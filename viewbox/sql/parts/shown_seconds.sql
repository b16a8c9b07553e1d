-- The selected days of the shown revisions; synthetic views only where no real one exists.
SELECT seconds.*
FROM seconds SEMI JOIN sliced_videos USING (video_id, revision)
WHERE dt >= coalesce(($since::TIMESTAMPTZ AT TIME ZONE 'UTC')::DATE, '-infinity')
  AND dt < coalesce(($until::TIMESTAMPTZ AT TIME ZONE 'UTC')::DATE, 'infinity')
  AND (NOT synthetic OR video_id NOT IN (SELECT video_id FROM days WHERE NOT synthetic AND valid_views > 0))
