-- 400 resamples: how often each of 400 units is drawn, independently and once on average (Poisson bootstrap: Chamandy et
-- al. 2012, "Estimating uncertainty for massive data streams"). One table of weights serves every group of every answer.
SELECT
    range AS resample,
    list_transform(
        list_transform(range(400), LAMBDA unit: hash(1000 * range + unit) / 18446744073709551616.0),
        LAMBDA chance: CASE
            WHEN chance < 0.36787944117144233 THEN 0
            WHEN chance < 0.73575888234288467 THEN 1
            WHEN chance < 0.91969860292860584 THEN 2
            WHEN chance < 0.98101184312384626 THEN 3
            WHEN chance < 0.99634015317265634 THEN 4
            WHEN chance < 0.99940581518241833 THEN 5
            WHEN chance < 0.99991675885071198 THEN 6
            ELSE 7
        END::DOUBLE
    ) AS times
FROM range(400)
