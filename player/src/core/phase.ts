import type { FieldsOf, Rendition } from "./events";
import type { Conditions } from "./media_state";
import { knownRate, seconds } from "./numbers";

/** What a view is in the middle of. Numbers, since each is named in many places and a bundle carries them all. */
export type Phase = number;
export const RESTING = 0;
export const MOVING = 1;
/** Play is asked for, no frame has moved yet. */
export const WAITING = 2;
export const STALLED = 3;
/** A jump while playing; ends when frames move again. */
export const JUMPING = 4;

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
