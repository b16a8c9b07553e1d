-- title: Key moments
-- unit: ratio   grain: video_id, from_s, moment   empty: no rows   version: 2
-- rule: Four kinds of moments, from 30 views on. intro: share of the views still playing at 30 s. top: the run of a tenth of
--   the video (ten seconds at least) that loses the fewest views; the value is the share lost. spike and dip: seconds
--   where smoothed absolute retention steps up or down from the second before by more than three median absolute
--   deviations from the median step, and where the step is surely none of chance: the 90 % interval over resampled
--   viewers leaves zero out. Neighbours are one moment; the value is its largest step. Smoothing as in most_replayed.
-- source: YouTube Studio, key moments for audience retention (its thresholds are unpublished; these are ours); Efron &
--   Tibshirani 1993, chapter 13
-- param: revision int<=1000000 null: which revision of the video's source; newest
-- column: from_s s: where it begins
-- column: to_s s: where it ends
-- column: moment kind: intro, top, spike or dip
-- column: ci_low ratio: 90 % interval of the step of a spike or dip
-- column: ci_high ratio: its other end
-- column: n count: valid views
SELECT
    video_id, period, revision, 0 AS from_s, 30 AS to_s, 'intro' AS moment, views / n AS key_moments,
    NULL::DOUBLE AS ci_low, NULL::DOUBLE AS ci_high, n
FROM smoothed_retention WHERE second = 30
UNION ALL
SELECT video_id, period, revision, from_s, to_s, 'top', lost / n, NULL, NULL, n FROM steadiest_run
UNION ALL
SELECT video_id, period, revision, from_s, to_s, kind, step, ci_low, ci_high, n FROM turning_points
