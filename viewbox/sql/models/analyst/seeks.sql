-- Every jump of the playhead; counted says whether it is behaviour.
SELECT * FROM marks WHERE kind = 'seek'
