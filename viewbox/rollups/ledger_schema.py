"""The rollup's tables in DATA_DIR/index.sqlite.

`rollup_views` holds a row per view: when silence closes it, what duration it reports, how far it reached, where its
published row lies. `rollup_durations` holds the duration and number of slices each revision was computed with.
`rollup_step` holds the one step that may be unfinished, with its inputs.
"""

from __future__ import annotations

TABLES = """
CREATE TABLE IF NOT EXISTS rollup_views (
    view_id TEXT PRIMARY KEY,
    video_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    reported_duration_s REAL,
    max_position_s REAL NOT NULL,
    is_valid INTEGER NOT NULL,
    due_ms INTEGER,                        -- silence closes the view then; null: closed
    dt TEXT                                -- partition of the published row; null: none yet
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rollup_durations (
    video_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    duration_s REAL,                       -- null: not known, slices follow the furthest valid view
    slices INTEGER NOT NULL,
    PRIMARY KEY (video_id, revision)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rollup_step (
    step INTEGER NOT NULL,                 -- one row: the newest step
    kind TEXT NOT NULL,                    -- refresh or full
    now_ms INTEGER NOT NULL,
    done INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS rollup_touched (view_id TEXT PRIMARY KEY) WITHOUT ROWID;  -- the newest step's input
CREATE TABLE IF NOT EXISTS rollup_waiting (view_id TEXT PRIMARY KEY) WITHOUT ROWID;  -- input of steps to come
CREATE TABLE IF NOT EXISTS rollup_poison (view_id TEXT PRIMARY KEY, error TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rollup_synced (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rollup_folded (
    name TEXT NOT NULL,
    dt TEXT NOT NULL,
    rows INTEGER NOT NULL,                 -- of the partition, after it was folded last
    PRIMARY KEY (name, dt)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rollup_left (dt TEXT PRIMARY KEY) WITHOUT ROWID;  -- views moved from there to another day
CREATE TABLE IF NOT EXISTS rollup_reported (
    video_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    duration_s REAL NOT NULL,
    views INTEGER NOT NULL,                -- that report this duration
    PRIMARY KEY (video_id, revision, duration_s)
) WITHOUT ROWID;
"""
# What follows every row of rollup_views: its indexes, and the counts of reported durations.
FOLLOWERS = {
    "INDEX rollup_views_by_reach": "ON rollup_views (video_id, revision, is_valid, max_position_s)",
    "INDEX rollup_views_due": "ON rollup_views (due_ms) WHERE due_ms IS NOT NULL",
    "TRIGGER rollup_view_came": """
        AFTER INSERT ON rollup_views WHEN new.reported_duration_s IS NOT NULL
        BEGIN
            INSERT INTO rollup_reported VALUES (new.video_id, new.revision, new.reported_duration_s, 1)
            ON CONFLICT DO UPDATE SET views = views + 1;
        END""",
    "TRIGGER rollup_view_went": """
        AFTER DELETE ON rollup_views WHEN old.reported_duration_s IS NOT NULL
        BEGIN
            UPDATE rollup_reported SET views = views - 1
            WHERE video_id = old.video_id AND revision = old.revision AND duration_s = old.reported_duration_s;
        END""",
    "TRIGGER rollup_view_changed": """
        AFTER UPDATE ON rollup_views
        WHEN (old.video_id, old.revision, old.reported_duration_s)
            IS NOT (new.video_id, new.revision, new.reported_duration_s)
        BEGIN
            UPDATE rollup_reported SET views = views - 1
            WHERE video_id = old.video_id AND revision = old.revision AND duration_s = old.reported_duration_s;
            INSERT INTO rollup_reported
            SELECT new.video_id, new.revision, new.reported_duration_s, 1 WHERE new.reported_duration_s IS NOT NULL
            ON CONFLICT DO UPDATE SET views = views + 1;
        END""",
}
