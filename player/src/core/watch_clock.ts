export const HEARTBEAT_MS = 10_000;

/** Runs from `play` to pause, end, refusal, fatal error or the view's end; beats while it runs. */
export class WatchClock {
  #runs = false;
  #nextBeatMs = 0;

  get runs(): boolean {
    return this.#runs;
  }

  start(nowMs: number): void {
    this.#runs = true;
    this.#nextBeatMs = nowMs + HEARTBEAT_MS;
  }

  stop(): void {
    this.#runs = false;
  }

  /** Whether a heartbeat is due; beats that throttled timers missed are not made up for. */
  beats(nowMs: number): boolean {
    if (!this.#runs || nowMs < this.#nextBeatMs) return false;
    this.#nextBeatMs = Math.max(this.#nextBeatMs + HEARTBEAT_MS, nowMs + HEARTBEAT_MS / 2);
    return true;
  }
}
