-- Imports that play before they are whole: what exists of a revision, and what its viewers wait for.
ALTER TABLE videos ADD COLUMN whole INTEGER NOT NULL DEFAULT 1; -- 0: playable while its renditions are still made

CREATE TABLE segments (
    video_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    track TEXT NOT NULL,               -- folder of the rendition or sound track
    number INTEGER NOT NULL,
    recipe TEXT NOT NULL,              -- hash of source, plan and encoder: what differs is made again
    duration TEXT NOT NULL,            -- seconds, exact: numerator/denominator
    bytes BIGINT NOT NULL,
    keyframe_end BIGINT NOT NULL,      -- the byte after the first frame
    sha256 TEXT NOT NULL,
    cpu_s DOUBLE PRECISION NOT NULL,   -- its share of the process that made it
    wall_s DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (video_id, revision, track, number)
);

CREATE TABLE wants (
    video_id TEXT PRIMARY KEY,
    track TEXT NOT NULL,
    number INTEGER NOT NULL,           -- the segment that a viewer waits for
    asked_at_ms BIGINT NOT NULL
)
