-- Every view from its first event on, valid or not.
SELECT * FROM newest_views
