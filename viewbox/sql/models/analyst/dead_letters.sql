-- Every refused event.
SELECT * FROM lake_dead_letters
