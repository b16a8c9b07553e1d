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
WITH starved AS (
    SELECT
        played_views.video_id, played_views.period, played_views.revision, stalls.view_id, stalls.seq,
        6 * floor(stalls.position_s / 6) AS from_s, stalls.wait_ms
    FROM stalls JOIN played_views ON stalls.view_id = played_views.view_id
),
worst AS (
    SELECT
        video_id, period, revision, from_s, sum(wait_ms) / 1000 AS stall_s, count(*) AS stalls,
        count(DISTINCT view_id) AS affected
    FROM starved
    GROUP BY video_id, period, revision, from_s
    QUALIFY row_number() OVER (ORDER BY stall_s * affected DESC, video_id, from_s) <= 20
),
of_worst AS (
    SELECT starved.* FROM starved
    JOIN worst
      ON starved.video_id = worst.video_id AND starved.revision = worst.revision AND starved.from_s = worst.from_s
     AND starved.period IS NOT DISTINCT FROM worst.period
),
heights AS (
    SELECT of_worst.video_id, of_worst.period, of_worst.revision, of_worst.from_s, mode(shown.height) AS height
    FROM of_worst
    ASOF LEFT JOIN (
        SELECT view_id, seq, height FROM intervals
        WHERE ($video_id IS NULL OR video_id = $video_id) AND view_id IN (SELECT view_id FROM of_worst)
    ) AS shown
      ON of_worst.view_id = shown.view_id AND of_worst.seq >= shown.seq
    GROUP BY of_worst.video_id, of_worst.period, of_worst.revision, of_worst.from_s
)
SELECT
    worst.video_id, worst.period, worst.revision, worst.from_s, worst.from_s + 6 AS to_s,
    worst.stall_s * worst.affected AS worst_segments,
    worst.stall_s, worst.stalls, worst.affected, heights.height, audience.n
FROM worst
JOIN heights
  ON heights.video_id = worst.video_id AND heights.revision = worst.revision AND heights.from_s = worst.from_s
 AND heights.period IS NOT DISTINCT FROM worst.period
JOIN (
    SELECT video_id, period, revision, count(*) AS n FROM played_views GROUP BY video_id, period, revision
) AS audience
  ON audience.video_id = worst.video_id AND audience.revision = worst.revision
 AND audience.period IS NOT DISTINCT FROM worst.period
