-- title: Experience score
-- unit: 0 to 100   grain: video_id   empty: null   version: 1
-- rule: Mean over attempts of success × the mean of start-up, smoothness and picture, each 0 to 100. Start-up: 8 ÷ (8 + s)
--   for s seconds. Smoothness: half 1 ÷ √(1 + (n ÷ 2)²) for n stalls, half e^(−10 r) for the rebuffer ratio r. Picture:
--   e^(−0.33 u) for an upscaling by u of the picture's height, left out when heights are unknown. Success: a fatal error
--   makes 0; an exit before the start makes the whole 50.
-- source: Mux Data's published parts; our composition
-- interval: bootstrap   population: attempt_experience   numerator: score   denominator: 1
-- column: startup 0 to 100: mean of the part
-- column: smoothness 0 to 100: mean of the part
-- column: picture 0 to 100: mean of the part
-- column: success 0 to 100: mean; 0 failed, 50 left before the start, 100 else
-- column: n count: attempts that have a score
SELECT
    video_id, period,
    avg(score) AS experience_score,
    avg(startup) AS startup,
    avg(smoothness) AS smoothness,
    avg(picture) AS picture,
    avg(success) AS success,
    count(score) AS n
FROM attempt_experience
GROUP BY video_id, period
