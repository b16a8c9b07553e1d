-- title: Arrivals
-- unit: count   grain: video_id, minute_at   empty: no rows   version: 1
-- rule: By minute (UTC), over all selected views, robots and invalid ones included: the events that arrived in it, and what
--   had happened in it by the viewer's corrected clock. A view is late in a minute when nothing that it did then arrived
--   within five minutes. Minutes in which nothing happened and nothing arrived have no row: many views that are late one
--   after the other while nothing arrives are an outage of the collector or of the way to it.
-- source: ViewBox
-- column: minute_at UTC: start of the minute
-- column: received count: events that arrived in it; the same as arrivals
-- column: happened count: events that happened in it
-- column: views count: views that did something in it
-- column: late_views count: of these, views that were late
-- column: first_late_views count: of these, views that had not been late before
-- column: n count: as happened
SELECT
    video_id, period, minute_at,
    sum(received)::BIGINT AS arrivals,
    arrivals AS received,
    sum(happened)::BIGINT AS happened,
    sum(views)::BIGINT AS views,
    sum(late_views)::BIGINT AS late_views,
    sum(first_late_views)::BIGINT AS first_late_views,
    sum(happened)::BIGINT AS n
FROM (
    SELECT
        video_id, period, minute_at, 0 AS received, sum(events) AS happened, count(*) AS views,
        count(*) FILTER (is_late) AS late_views,
        count(*) FILTER (is_late AND minute_at = first_late) AS first_late_views
    FROM (
        SELECT *, min(minute_at) FILTER (is_late) OVER (PARTITION BY view_id) AS first_late
        FROM (
            SELECT
                selected_views.video_id, period, selected_views.view_id, date_trunc('minute', occurred_at) AS minute_at,
                count(*) AS events, min(epoch_ms(received_at) - epoch_ms(occurred_at)) > 300000 AS is_late
            FROM selected_views
            JOIN events
              ON events.view_id = selected_views.view_id AND events.dt BETWEEN selected_views.dt - 1 AND selected_views.dt + 1
            GROUP BY ALL
        )
    )
    GROUP BY video_id, period, minute_at
    UNION ALL
    SELECT selected_views.video_id, period, date_trunc('minute', received_at), count(*), 0, 0, 0, 0
    FROM selected_views
    JOIN events
      ON events.view_id = selected_views.view_id AND events.dt BETWEEN selected_views.dt - 1 AND selected_views.dt + 1
    GROUP BY ALL
)
GROUP BY video_id, period, minute_at
