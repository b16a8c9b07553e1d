import type { EventBody, ViewEvent } from "./events";

const MAX_T_MS = 86_400_000;
const MAX_POSITION_S = 604_800;

/** Gives the events of one view their `seq` and `t_ms`: no gaps, never back in time, within the contract's bounds. */
export class EventLog {
  readonly #startMs: number;
  readonly #emit: (event: ViewEvent) => void;
  #seq = 0;
  #lastTMs = 0;

  constructor(startMs: number, emit: (event: ViewEvent) => void) {
    this.#startMs = startMs;
    this.#emit = emit;
  }

  write(body: EventBody, atMs: number): void {
    this.#lastTMs = Math.max(this.#lastTMs, bounded(Math.round(atMs - this.#startMs), 0, MAX_T_MS));
    const position_s = seconds(body.position_s);
    this.#emit({ ...body, position_s, seq: this.#seq++, t_ms: this.#lastTMs } as ViewEvent);
  }
}

export function bounded(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** A playback rate the contract knows. */
export function knownRate(rate: number): number {
  return bounded(rate, 0.06, 16);
}

/** Milliseconds are as fine as anybody measures; NaN (no media yet) is the start. */
export function seconds(value: number): number {
  return Number.isFinite(value) ? bounded(Math.round(value * 1000) / 1000, 0, MAX_POSITION_S) : 0;
}
