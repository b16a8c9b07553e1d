-- The data dictionary.
SELECT * FROM dictionary_columns
