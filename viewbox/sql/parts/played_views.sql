-- Non-bot views whose frames moved, however shortly.
SELECT * FROM selected_views WHERE played AND NOT is_bot
