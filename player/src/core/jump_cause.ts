import type { Clock } from "./clock";
import type { JumpCause } from "./events";
import type { MediaState } from "./media_state";

/** The engine's own correction to the first frame's time, before anything was shown. */
const ENGINE_START_JUMP_S = 1;
/** Longer ago, an announcement belongs to a jump that never came. */
const ANNOUNCED_MS = 2000;
const NEAR_S = 0.5;

/** Why the playhead jumps: as announced, else as its two ends tell. */
export class JumpCauses {
  readonly #clock: Clock;
  #announced: { cause: JumpCause; fromS: number | null; ms: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  announce(cause: JumpCause, media: MediaState): void {
    this.#announced = { cause, fromS: media.seeking ? null : media.positionS, ms: this.#clock.monoMs() };
  }

  /** Where the playhead was when the jump was announced; null = nobody said. */
  get announcedFromS(): number | null {
    return this.#valid()?.fromS ?? null;
  }

  /** The cause of a jump that has happened; uses the announcement up. */
  take(fromS: number, toS: number, media: MediaState, before: { moved: boolean; atEnd: boolean }): JumpCause {
    const announced = this.#valid();
    this.#announced = null;
    if (announced) return announced.cause;
    const fromEnd = media.durationS !== null && fromS >= media.durationS - NEAR_S;
    if (toS < NEAR_S && ((media.loop && fromEnd) || before.atEnd)) return "loop"; // a replay is no search
    if (!before.moved && Math.abs(toS - fromS) <= ENGINE_START_JUMP_S) return "program";
    return "user";
  }

  #valid() {
    const announced = this.#announced;
    return announced && this.#clock.monoMs() - announced.ms < ANNOUNCED_MS ? announced : null;
  }
}
