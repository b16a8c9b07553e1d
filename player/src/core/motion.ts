/** A standstill shorter than this is jitter of clocks and audio devices, not something a person sees as a stall. */
export const STALL_MIN_MS = 250;
/** Share of the expected way that counts as "moved all the time since the last look". */
const CLEAN_SHARE = 0.9;

/**
 * The straight line a playhead follows while it moves: position = s + (time − ms) × rate.
 *
 * Looks come 100 ms and more apart, yet a standstill is dated to a few ms: the way covered since the last look tells
 * when it must have ended.
 */
export class MotionLine {
  #ms: number;
  #s: number;
  #seenMs: number;
  #seenS: number;

  constructor(
    ms: number,
    s: number,
    readonly rate: number,
  ) {
    this.#ms = this.#seenMs = ms;
    this.#s = this.#seenS = s;
  }

  /** When the playhead was last known to move. */
  get ms(): number {
    return this.#ms;
  }

  /** Where it was then. */
  get s(): number {
    return this.#s;
  }

  /** The last look, moving or not. */
  get seenMs(): number {
    return this.#seenMs;
  }

  /** Takes a look and returns for how long the playhead has stood still, in ms. */
  look(nowMs: number, s: number): number {
    const arrivedMs = this.#ms + this.wayMs(s);
    const standMs = nowMs - arrivedMs;
    const ownWayMs = ((s - this.#seenS) / this.rate) * 1000;
    const clean = ownWayMs > 0 && ownWayMs >= CLEAN_SHARE * (nowMs - this.#seenMs);
    const inStep = standMs < 0 || (clean && standMs < STALL_MIN_MS);
    this.#ms = inStep || s < this.#s ? nowMs : arrivedMs;
    this.#s = s;
    this.#seenMs = nowMs;
    this.#seenS = s;
    return nowMs - this.#ms;
  }

  /** How long the way from the line's point to `s` takes. */
  wayMs(s: number): number {
    return ((s - this.#s) / this.rate) * 1000;
  }

  /** Where the playhead is now if it still moves; not farther than `limitMs` beyond the last look. */
  expectedS(nowMs: number, limitMs: number): number {
    return this.#seenS + (Math.min(Math.max(0, nowMs - this.#seenMs), limitMs) / 1000) * this.rate;
  }
}
