-- Valid views: played, not a bot, at least one second of playing.
SELECT * FROM selected_views WHERE is_valid
