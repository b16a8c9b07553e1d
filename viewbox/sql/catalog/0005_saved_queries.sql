-- Statements that people keep on the dashboard's SQL page, one list for the installation.
CREATE TABLE saved_queries (
    name TEXT PRIMARY KEY,
    sql TEXT NOT NULL,
    saved_at_ms BIGINT NOT NULL
)
