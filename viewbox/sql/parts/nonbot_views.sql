SELECT * FROM selected_views WHERE NOT is_bot
