-- title: Data quality
-- unit: ratio   grain: video_id   empty: null   version: 1
-- rule: Share of all views, robots and invalid ones included, whose events arrived without a gap, whose end was
--   reported rather than timed out, and whose intervals agree with their clocks.
-- source: ViewBox
-- column: gaps count: events that never arrived
-- column: timeouts count: views that ended in silence
-- column: open count: views still open
-- column: late_events count: events sent more than 5 minutes after they happened, which may have reopened their view
-- column: inconsistent count: intervals whose media and wall-clock time disagree
-- column: dead_letters count: refused events of these views
-- column: bots count: views of robots
-- column: invalid count: views of people with less than a second of playing
-- column: page_views count: views of viewers known for one page only
-- column: median_clock_offset_s seconds: half of the views' clocks were further from the server's
-- column: max_clock_offset_s seconds: the clock furthest from the server's; corrected in every time that is shown
-- column: n count: all views
SELECT
    video_id, period,
    count(*) FILTER (gaps = 0 AND inconsistent = 0 AND closed_by IS DISTINCT FROM 'timeout') / count(*) AS data_quality,
    sum(gaps)::BIGINT AS gaps,
    count(*) FILTER (closed_by = 'timeout') AS timeouts,
    count(*) FILTER (closed_by IS NULL) AS open,
    coalesce(sum(late_events), 0)::BIGINT AS late_events,
    sum(inconsistent)::BIGINT AS inconsistent,
    coalesce(sum(refused.events), 0)::BIGINT AS dead_letters,
    count(*) FILTER (is_bot) AS bots,
    count(*) FILTER (NOT is_valid AND NOT is_bot) AS invalid,
    count(*) FILTER (viewer_kind = 'page') AS page_views,
    median(clock_offset_ms) / 1000 AS median_clock_offset_s,
    max(clock_offset_ms) / 1000 AS max_clock_offset_s,
    count(*) AS n
FROM selected_views
LEFT JOIN view_clocks USING (view_id)
LEFT JOIN (
    SELECT view_id, count(*) AS events FROM dead_letters WHERE view_id IS NOT NULL GROUP BY view_id
) AS refused USING (view_id)
GROUP BY video_id, period
