import { knownRate, seconds } from "./event_log";
import type { EventBody, Rendition, StallCause } from "./events";
import type { Conditions } from "./media_state";
import type { MotionLine } from "./motion";

/** What a view is in the middle of. `seenMs` is the last look that saw the playhead stand. */
export type Phase =
  | { name: "resting" }
  | { name: "waiting"; sinceMs: number; fromS: number; starved: boolean; seenMs: number } // play asked, no frame moved yet
  | { name: "moving"; line: MotionLine }
  | { name: "stalled"; sinceMs: number; line: MotionLine; cause: StallCause; seenMs: number }
  | { name: "jumping"; seenMs: number } // a jump while playing; ends when frames move again
  | { name: "closed" };

/** A stretch that still goes on. */
export interface OpenInterval {
  fromS: number;
  fromMs: number;
}

/** The `interval` of a stretch that ends at `toS`, `toMs`; null for one of no length. */
export function intervalOf(
  open: OpenInterval,
  toS: number,
  toMs: number,
  rate: number,
  { visible, muted, mode }: Conditions,
  rendition: Rendition | null,
): EventBody | null {
  const wall_ms = Math.round(toMs - open.fromMs);
  if (wall_ms <= 0) return null;
  const from_s = seconds(open.fromS);
  const to_s = Math.max(from_s, seconds(toS));
  const { height = null, bitrate_bps = null } = rendition ?? {};
  return {
    type: "interval",
    from_s,
    to_s,
    rate: knownRate(rate),
    wall_ms,
    visible,
    muted,
    mode,
    height,
    bitrate_bps,
    position_s: to_s,
  };
}

/** When the playhead left its place, `wayS` seconds of time ago: after the last look that saw it stand. */
export function leftAtMs(nowMs: number, wayS: number, seenMs: number): number {
  return Math.min(nowMs, Math.max(seenMs, nowMs - wayS * 1000));
}
