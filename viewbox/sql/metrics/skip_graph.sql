-- title: Skip graph
-- unit: ratio   grain: video_id, rank   empty: no rows   version: 1
-- rule: The 50 most frequent jumps of viewers, forward and back, from one second of the video to another. Resume, program
--   and loop jumps are no behaviour and not counted.
-- source: ViewBox
-- param: revision int<=1000000 null: which revision of the video's source; newest
-- column: rank count: 1 is the most frequent
-- column: from_s s: second in which the jumps begin
-- column: to_s s: second in which they end
-- column: jumps count: jumps
-- column: views count: views with such a jump; ÷ n = skip_graph
-- column: n count: valid views
SELECT
    jumps.video_id, jumps.period, jumps.revision, jumps.rank, jumps.from_s, jumps.to_s,
    jumps.views / audience.n AS skip_graph, jumps.jumps, jumps.views, audience.n
FROM (
    SELECT *, row_number() OVER (PARTITION BY video_id, period ORDER BY jumps DESC, from_s ASC, to_s ASC) AS rank
    FROM (
        SELECT
            video_id, period, revision,
            least(slices - 1, floor(from_s))::BIGINT AS from_s,
            least(slices - 1, floor(to_s))::BIGINT AS to_s,
            count(*) AS jumps, count(DISTINCT view_id) AS views
        FROM shown_marks
        WHERE kind = 'seek' AND counted
        GROUP BY ALL
    )
    QUALIFY rank <= 50
) AS jumps
JOIN (SELECT video_id, period, count(*) AS n FROM shown_views GROUP BY video_id, period) AS audience
  ON audience.video_id = jumps.video_id AND audience.period IS NOT DISTINCT FROM jumps.period
