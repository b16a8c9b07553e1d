-- Played non-bot views whose player counts its frames.
SELECT * FROM played_views WHERE dropped_frames IS NOT NULL AND total_frames IS NOT NULL
