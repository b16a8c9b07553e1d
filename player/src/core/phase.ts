import type { FieldsOf, Rendition, StallCause } from "./events";
import type { Conditions } from "./media_state";
import type { MotionLine } from "./motion";
import { knownRate, seconds } from "./numbers";

/** What a view is in the middle of. `seenMs` is the last look that saw the playhead stand. */
export type Phase =
  | { name: "resting" }
  | { name: "waiting"; sinceMs: number; fromS: number; starved: boolean; seenMs: number } // play asked, no frame moved yet
  | { name: "moving"; line: MotionLine }
  | { name: "stalled"; sinceMs: number; fromS: number; cause: StallCause; seenMs: number }
  | { name: "jumping"; seenMs: number }; // a jump while playing; ends when frames move again

/** A stretch that still goes on. */
export interface OpenInterval {
  fromS: number;
  fromMs: number;
}

/** What is told of a stretch that ends at `toS`, `toMs`. */
export function intervalFields(
  open: OpenInterval,
  toS: number,
  toMs: number,
  rate: number,
  conditions: Conditions,
  rendition: Rendition | null,
): FieldsOf<"interval"> {
  const from_s = seconds(open.fromS);
  return {
    from_s,
    to_s: Math.max(from_s, seconds(toS)),
    rate: knownRate(rate),
    wall_ms: Math.round(toMs - open.fromMs),
    ...conditions,
    height: rendition?.height,
    bitrate_bps: rendition?.bitrate_bps,
  };
}

/** When the playhead left its place, `wayS` seconds of time ago: after the last look that saw it stand. */
export function leftAtMs(nowMs: number, wayS: number, seenMs: number): number {
  return Math.min(nowMs, Math.max(seenMs, nowMs - wayS * 1000));
}
