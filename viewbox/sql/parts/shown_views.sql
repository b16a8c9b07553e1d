-- Valid views of the revision that is shown.
SELECT valid_views.* EXCLUDE (slices, duration_s), sliced_videos.slices, sliced_videos.duration_s, sliced_videos.middle_s
FROM valid_views JOIN sliced_videos USING (video_id, revision)
