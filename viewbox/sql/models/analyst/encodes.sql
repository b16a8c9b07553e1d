-- What each rendition of each revision cost.
SELECT * FROM catalog_encodes
