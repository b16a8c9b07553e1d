import type { JumpCause } from "./events";
import type { MediaState } from "./media_state";

/** The engine's own correction to the first frame's time, before anything was shown. */
const ENGINE_START_JUMP_S = 1;
const NEAR_S = 0.5;

/** Why the playhead jumped when nobody said so: as its two ends tell. */
export function likelyCause(
  fromS: number,
  toS: number,
  media: MediaState,
  before: { moved: boolean; atEnd: boolean },
): JumpCause {
  const fromEnd = media.durationS !== null && fromS >= media.durationS - NEAR_S;
  if (toS < NEAR_S && ((media.loop && fromEnd) || before.atEnd)) return "loop"; // a replay is no search
  return before.moved || Math.abs(toS - fromS) > ENGINE_START_JUMP_S ? "user" : "program";
}
