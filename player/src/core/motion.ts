/** A standstill shorter than this is jitter of clocks and audio devices, not something a person sees as a stall. */
export const STALL_MIN_MS = 250;

/**
 * The straight line a playhead follows while it moves: position = s + (time − ms) × rate.
 *
 * Looks come 100 ms and more apart, yet a standstill is dated closer: the way covered since the last look tells when
 * it began, or ended.
 */
export class MotionLine {
  #ms: number;
  #s: number;
  #seenMs: number;

  constructor(
    ms: number,
    s: number,
    readonly rate: number,
  ) {
    this.#ms = this.#seenMs = ms;
    this.#s = s;
  }

  /** When the playhead last moved. */
  get ms(): number {
    return this.#ms;
  }

  /** Where it has been since. */
  get s(): number {
    return this.#s;
  }

  /** The last look. */
  get seenMs(): number {
    return this.#seenMs;
  }

  /**
   * Takes a look and returns for how long the playhead has stood still, in ms.
   *
   * A standstill of `STALL_MIN_MS` that is over by now leaves the line at the place of it, so that the caller can end it.
   */
  look(nowMs: number, s: number): number {
    const wayMs = this.wayMs(s);
    if (wayMs > 0) {
      const stoodMs = Math.max(this.#seenMs, nowMs - wayMs) - this.#ms;
      if (stoodMs >= STALL_MIN_MS && this.#seenMs > this.#ms) return stoodMs;
      this.#ms = Math.min(nowMs, this.#seenMs + wayMs);
    } else if (wayMs < 0) this.#ms = nowMs;
    this.#s = s;
    this.#seenMs = nowMs;
    return nowMs - this.#ms;
  }

  /** How long the way from the line's place to `s` takes. */
  wayMs(s: number): number {
    return ((s - this.#s) / this.rate) * 1000;
  }

  /** Where the playhead is now if it still moves; not farther than `limitMs` beyond the last look. */
  expectedS(nowMs: number, limitMs: number): number {
    return this.#s + (Math.min(Math.max(0, nowMs - this.#seenMs), limitMs) / 1000) * this.rate;
  }
}
