-- Attempts: non-bot views with an uncancelled play. A start-up time proves one; the rest is looked up in the events.
SELECT selected_views.*, first_plays.play_ms
FROM selected_views LEFT JOIN first_plays USING (view_id)
WHERE NOT is_bot AND (startup_ms IS NOT NULL OR first_plays.play_ms IS NOT NULL)
