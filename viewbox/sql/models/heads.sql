-- The events at which a view says who it is: its first, and each that brings another context or a device not yet named.
-- in: ordered_events (all events of some views, each seq once, by view_id and seq). Windows without a PARTITION follow
-- that order (DuckDB guarantees it) and need no sort, which makes them twenty times cheaper than partitioned ones. Their
-- frames are beyond sqlfluff, hence each noqa.
WITH compared AS (
    SELECT
        view_id, seq, video_id, revision, viewer_id, viewer_kind, session_id, source, is_bot,
        browser, os, device_type, country, context,
        coalesce(lag(view_id) OVER (), '') <> view_id AS opens,
        coalesce(lag(context) OVER (), '') <> context AS brings_context,
        cast(browser IS NULL AS INTEGER) + 2 * cast(os IS NULL AS INTEGER) + 4 * cast(device_type IS NULL AS INTEGER)
        + 8 * cast(country IS NULL AS INTEGER) AS silence
    FROM ordered_events
)

SELECT
    count(*) FILTER (opens) OVER (ROWS UNBOUNDED PRECEDING) AS view_no,  -- noqa: PRS
    * EXCLUDE (silence, brings_context)
FROM compared
QUALIFY opens OR brings_context OR silence <> lag(silence) OVER ()
