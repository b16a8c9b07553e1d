// Generated from data/schema/events.v1.json by `npm run types`. Do not edit.

/**
 * A message as it travels.
 */
export interface ViewBoxMessage {
context?: (Context | null)
/**
 * @minItems 1
 * @maxItems 200
 */
events: (ViewStart | Play | Playing | AutoplayBlocked | Pause | Seek | Stall | RateChange | RenditionChange | Interval | Heartbeat | Setting | ErrorEvent | Ended | ViewEnd)[]
sent_at_ms: number
session_id: string
started_at_ms: number
v: 1
video_id: string
view_id: string
viewer_id: string
viewer_kind: ("known" | "page" | "stored")
}
/**
 * Facts about player and page. Each is optional; per field the first non-null by `seq` stands.
 */
export interface Context {
autoplay?: (boolean | null)
connection?: (string | null)
custom?: ({
[k: string]: string | number | boolean | null | undefined
} | null)
duration_s?: (number | null)
experiment?: ({
[k: string]: string | number | boolean | null | undefined
} | null)
language?: (string | null)
page_url?: (string | null)
player_h?: (number | null)
player_name?: (string | null)
player_version?: (string | null)
player_w?: (number | null)
referrer?: (string | null)
screen_h?: (number | null)
screen_w?: (number | null)
synthetic?: (boolean | null)
timezone?: (string | null)
}
/**
 * A source is attached.
 */
export interface ViewStart {
position_s: number
seq: number
t_ms: number
type: "view_start"
}
/**
 * Playing is requested, by person or autoplay.
 */
export interface Play {
position_s: number
seq: number
t_ms: number
type: "play"
}
/**
 * Frames move; the first one ends start-up.
 */
export interface Playing {
position_s: number
seq: number
t_ms: number
type: "playing"
}
/**
 * The browser refused to start by itself.
 */
export interface AutoplayBlocked {
position_s: number
seq: number
t_ms: number
type: "autoplay_blocked"
}
/**
 * Paused by person or program.
 */
export interface Pause {
position_s: number
seq: number
t_ms: number
type: "pause"
}
/**
 * The playhead settled after a jump.
 */
export interface Seek {
cause?: (("chapter" | "loop" | "program" | "resume" | "skip" | "user") | null)
from_s: number
position_s: number
seq: number
t_ms: number
to_s: number
type: "seek"
wait_ms?: (number | null)
}
/**
 * Playing starved and moved on, or the view ended.
 */
export interface Stall {
cause?: (("decode" | "network" | "unknown") | null)
position_s: number
seq: number
t_ms: number
type: "stall"
wait_ms: number
}
/**
 * Playback speed from now on.
 */
export interface RateChange {
position_s: number
rate: number
seq: number
t_ms: number
type: "rate"
}
/**
 * The shown rendition changed.
 */
export interface RenditionChange {
bitrate_bps?: (number | null)
cause?: (("auto" | "user") | null)
codec?: (string | null)
height?: (number | null)
position_s: number
seq: number
t_ms: number
type: "rendition"
width?: (number | null)
}
/**
 * A stretch in which the playhead moved without a jump; `to_s >= from_s`.
 */
export interface Interval {
bitrate_bps?: (number | null)
from_s: number
height?: (number | null)
mode?: (("fullscreen" | "inline" | "pip") | null)
muted?: (boolean | null)
position_s: number
rate: number
seq: number
t_ms: number
to_s: number
type: "interval"
visible?: (boolean | null)
wall_ms: number
}
/**
 * Every 10 s while the watch clock runs. Frame counts are cumulative per view.
 */
export interface Heartbeat {
bandwidth_bps?: (number | null)
buffer_s?: (number | null)
dropped_frames?: (number | null)
position_s: number
seq: number
t_ms: number
total_frames?: (number | null)
type: "heartbeat"
}
/**
 * Captions, quality, volume, mute, theatre …
 */
export interface Setting {
name?: (string | null)
position_s: number
seq: number
t_ms: number
type: "setting"
value?: (string | number | boolean | null)
}
/**
 * Something went wrong; `fatal` when playing cannot go on.
 */
export interface ErrorEvent {
code?: (string | number | boolean | null)
fatal: boolean
message?: (string | null)
position_s: number
seq: number
t_ms: number
type: "error"
}
/**
 * The end was reached.
 */
export interface Ended {
position_s: number
seq: number
t_ms: number
type: "ended"
}
/**
 * The view is over.
 */
export interface ViewEnd {
position_s: number
reason: ("destroy" | "ended" | "idle" | "source_change" | "unload")
seq: number
t_ms: number
type: "view_end"
}
