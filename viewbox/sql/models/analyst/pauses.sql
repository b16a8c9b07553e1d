-- Every counted pause.
SELECT * FROM marks WHERE kind = 'pause'
