import type { JumpCause } from "./events";
import type { MediaState } from "./media_state";

/** The engine's own correction to the first frame's time, before anything was shown. */
export const ENGINE_START_JUMP_S = 1;
export const NEAR_S = 0.5;

/** Why the playhead jumped when nobody said so: as its two ends tell, and whether a frame has moved or the end was reached. */
export function likelyCause(
  fromS: number,
  toS: number,
  { loop, duration }: MediaState,
  moved: boolean,
  atEnd: boolean,
): JumpCause {
  if (toS < NEAR_S && (atEnd || (loop && fromS >= duration - NEAR_S))) return "loop"; // a replay is no search
  return moved || Math.abs(toS - fromS) > ENGINE_START_JUMP_S ? "user" : "program";
}
