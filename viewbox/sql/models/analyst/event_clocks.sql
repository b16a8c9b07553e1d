-- How late each event was sent, and how far its sender's clock was from ours: what data_quality reads and no table shows.
SELECT view_id, video_id, epoch_ms(received_at) - epoch_ms(occurred_at) AS delay_ms, clock_offset_ms
FROM lake_events
