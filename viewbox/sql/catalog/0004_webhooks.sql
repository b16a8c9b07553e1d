-- Messages to VIEWBOX_WEBHOOK_URL that are not delivered yet; written in the transaction that they tell of.
CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    video_id TEXT NOT NULL,
    type TEXT NOT NULL,                -- video.ready video.failed
    attempts INTEGER NOT NULL,
    due_at_ms BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX deliveries_by_due ON deliveries (due_at_ms)
