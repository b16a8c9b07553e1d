-- The catalog: videos, their revisions and renditions, and the leased jobs that make them.
-- Portable between SQLite and PostgreSQL. Append-only: a change is a new file.
CREATE TABLE videos (
    id TEXT PRIMARY KEY,
    external_id TEXT,
    title TEXT NOT NULL,
    tags TEXT NOT NULL,                -- JSON list of text
    metadata TEXT NOT NULL,            -- JSON object
    status TEXT NOT NULL,              -- queued fetching probing encoding ready failed external
    playable INTEGER NOT NULL,         -- 0 or 1: a master playlist is published
    duration_s DOUBLE PRECISION,
    revision INTEGER NOT NULL,         -- the published one; 1 before the first is published
    source_url TEXT,
    source_kind TEXT NOT NULL,         -- url upload sample external
    progress DOUBLE PRECISION NOT NULL,
    assets TEXT NOT NULL,              -- JSON object: asset name -> path below the media root
    error_code TEXT,
    error_hint TEXT,
    error_retryable INTEGER,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL
);
CREATE INDEX videos_by_creation ON videos (created_at_ms, id);
CREATE INDEX videos_by_external_id ON videos (external_id);

CREATE TABLE revisions (
    video_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    duration_s DOUBLE PRECISION,
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (video_id, revision)
);

CREATE TABLE renditions (
    video_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    height INTEGER NOT NULL,
    width INTEGER NOT NULL,
    bitrate_bps BIGINT,
    codec TEXT,
    progress DOUBLE PRECISION NOT NULL,
    speed DOUBLE PRECISION,            -- media seconds per wall second
    eta_s DOUBLE PRECISION,
    args TEXT,                         -- JSON list: FFmpeg's argument list
    ffmpeg_version TEXT,
    cpu_s DOUBLE PRECISION,
    wall_s DOUBLE PRECISION,
    bytes BIGINT,
    vmaf DOUBLE PRECISION,
    PRIMARY KEY (video_id, revision, height)
);

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    video_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    payload TEXT NOT NULL,             -- JSON object
    priority INTEGER NOT NULL,
    status TEXT NOT NULL,              -- queued running done failed
    attempts INTEGER NOT NULL,
    stalls INTEGER NOT NULL,           -- leases that ran out
    token BIGINT NOT NULL,             -- fencing: grows with every claim
    worker TEXT,
    lease_until_ms BIGINT,
    run_after_ms BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    finished_at_ms BIGINT
);
CREATE INDEX jobs_to_claim ON jobs (status, run_after_ms, priority, created_at_ms);
CREATE INDEX jobs_by_video ON jobs (video_id)
