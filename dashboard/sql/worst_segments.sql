-- title: Worst segments
-- unit: seconds × views   grain: video_id, revision, from_s   empty: no rows   version: 1
-- rule: Stretches of 6 s, as long as ViewBox's own segments, by negative impact: time stalled there × views that stalled
--   there, over played non-bot views. The twenty worst of all selected videos; each is of one revision.
-- source: ViewBox
-- column: from_s s: start of the stretch
-- column: to_s s: its end
-- column: stall_s s: time stalled
-- column: stalls count: stalls
-- column: affected count: views that stalled there
-- column: height count: the picture height at which most of them starved; null where none is known
-- column: n count: played non-bot views of that revision
SELECT
    found.video_id, found.period, found.revision, found.from_s, found.from_s + 6 AS to_s,
    found.stall_s * found.affected AS worst_segments,
    found.stall_s, found.stalls, found.affected, found.height, audience.n
FROM (
    SELECT
        starved.video_id, starved.period, starved.revision, 6 * floor(starved.position_s / 6) AS from_s,
        sum(starved.wait_ms) / 1000 AS stall_s, count(*) AS stalls, count(DISTINCT starved.view_id) AS affected,
        mode(intervals.height) AS height
    FROM (
        SELECT
            played_views.video_id, played_views.period, played_views.revision, stalls.view_id, stalls.seq,
            stalls.position_s, stalls.wait_ms
        FROM stalls JOIN played_views ON stalls.view_id = played_views.view_id
    ) AS starved
    ASOF LEFT JOIN intervals ON starved.view_id = intervals.view_id AND starved.seq >= intervals.seq
    GROUP BY starved.video_id, starved.period, starved.revision, 6 * floor(starved.position_s / 6)
) AS found
JOIN (
    SELECT video_id, period, revision, count(*) AS n FROM played_views GROUP BY video_id, period, revision
) AS audience
  ON audience.video_id = found.video_id AND audience.revision = found.revision
 AND audience.period IS NOT DISTINCT FROM found.period
QUALIFY row_number() OVER (ORDER BY worst_segments DESC, found.video_id, found.from_s) <= 20
