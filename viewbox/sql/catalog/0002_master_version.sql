-- Which master playlist of a video is out: 0 before the first, one more with each that is published.
ALTER TABLE videos ADD COLUMN master_version INTEGER NOT NULL DEFAULT 0;
UPDATE videos SET master_version = 1 WHERE playable = 1
