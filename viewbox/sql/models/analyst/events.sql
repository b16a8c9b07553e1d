-- Every stored event, once.
SELECT * FROM lake_events
