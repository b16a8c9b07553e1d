-- Attempts: non-bot views with a play that the browser did not refuse.
SELECT *, first_play_ms AS play_ms FROM selected_views WHERE NOT is_bot AND first_play_ms IS NOT NULL
