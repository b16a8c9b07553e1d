import type { Clock } from "./clock";

/** A longer gap between two looks, without the playhead having moved along, was the device asleep. */
export const SLEEP_MS = 30_000;

/** Tells gaps between two looks; some devices stop the monotonic clock while they sleep, so both clocks count. */
export class GapWatch {
  readonly #clock: Clock;
  #monoMs: number;
  #wallMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#monoMs = clock.monoMs();
    this.#wallMs = clock.wallMs();
  }

  /** The gap since the last look if it is long enough for a sleep, and how much of it the monotonic clock saw. */
  look(): { gapMs: number; monoMs: number } | null {
    const monoMs = this.#clock.monoMs() - this.#monoMs;
    const wallMs = this.#clock.wallMs() - this.#wallMs;
    this.#monoMs += monoMs;
    this.#wallMs += wallMs;
    const gapMs = Math.max(monoMs, wallMs);
    return gapMs > SLEEP_MS ? { gapMs, monoMs } : null;
  }
}
