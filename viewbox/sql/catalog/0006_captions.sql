-- Captions of a video as clean WebVTT: small texts, kept here so that they outlive imports and revisions.
CREATE TABLE captions (
    video_id TEXT NOT NULL,
    revision INTEGER NOT NULL,         -- whose source it came with; 0: uploaded, for every revision
    track TEXT NOT NULL,               -- the language of an upload; which stream of the source; or speech
    origin TEXT NOT NULL,              -- upload source speech
    language TEXT NOT NULL,            -- BCP 47
    label TEXT NOT NULL,               -- '': the language's own name
    is_default INTEGER NOT NULL,
    is_forced INTEGER NOT NULL,
    hearing_impaired INTEGER NOT NULL,
    webvtt TEXT NOT NULL,              -- '': it was not taken over
    cues INTEGER NOT NULL,
    note TEXT NOT NULL,                -- why it was not taken over, or what to look at
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (video_id, revision, track)
)
