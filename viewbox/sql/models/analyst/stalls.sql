-- Every time that playing starved.
SELECT * FROM marks WHERE kind = 'stall'
