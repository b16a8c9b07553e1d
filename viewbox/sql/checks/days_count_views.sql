-- The sums per day are those of the views.
SELECT coalesce(d.video_id, v.video_id) AS video_id, coalesce(d.revision, v.revision) AS revision, coalesce(d.dt, v.dt) AS dt
FROM days AS d
FULL JOIN (
    SELECT
        video_id, revision, dt, coalesce(source = 'synthetic', FALSE) AS synthetic,
        count(*) AS views,
        count(*) FILTER (is_valid) AS valid_views,
        coalesce(sum(watch_ms) FILTER (is_valid), 0) AS watch_ms,
        coalesce(sum(playing_ms) FILTER (is_valid), 0) AS playing_ms,
        count(*) FILTER (closed_by IS NULL) AS open_views,
        sum(gaps) AS gaps
    FROM views
    GROUP BY ALL
) AS v ON v.video_id = d.video_id AND v.revision = d.revision AND v.dt = d.dt AND v.synthetic = d.synthetic
WHERE
    coalesce(d.views, 0) <> coalesce(v.views, 0) OR coalesce(d.valid_views, 0) <> coalesce(v.valid_views, 0)
    OR coalesce(d.watch_ms, 0) <> coalesce(v.watch_ms, 0) OR coalesce(d.playing_ms, 0) <> coalesce(v.playing_ms, 0)
    OR coalesce(d.open_views, 0) <> coalesce(v.open_views, 0) OR coalesce(d.gaps, 0) <> coalesce(v.gaps, 0)
