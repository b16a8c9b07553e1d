-- title: Data quality
-- unit: ratio   grain: video_id   empty: null   version: 1
-- rule: Share of all views, robots and invalid ones included, whose events arrived without a gap, whose end was
--   reported rather than timed out, and whose intervals agree with their clocks.
-- source: ViewBox
-- column: gaps count: events that never arrived
-- column: timeouts count: views that ended in silence
-- column: open count: views still open
-- column: inconsistent count: intervals whose media and wall-clock time disagree
-- column: bots count: views of robots
-- column: invalid count: views of people with less than a second of playing
-- column: page_views count: views of viewers known for one page only
-- column: n count: all views
SELECT
    video_id, period,
    count(*) FILTER (gaps = 0 AND inconsistent = 0 AND closed_by IS DISTINCT FROM 'timeout') / count(*) AS data_quality,
    sum(gaps)::BIGINT AS gaps,
    count(*) FILTER (closed_by = 'timeout') AS timeouts,
    count(*) FILTER (closed_by IS NULL) AS open,
    sum(inconsistent)::BIGINT AS inconsistent,
    count(*) FILTER (is_bot) AS bots,
    count(*) FILTER (NOT is_valid AND NOT is_bot) AS invalid,
    count(*) FILTER (viewer_kind = 'page') AS page_views,
    count(*) AS n
FROM selected_views
GROUP BY video_id, period
