import { seconds } from "./event_log";
import type { EventBody, JumpCause } from "./events";

/** Jumps closer together than this are one: somebody is searching. */
export const MERGE_MS = 500;

/** A jump of the playhead, possibly of several that follow each other within `MERGE_MS`. */
export class Jump {
  #waitedMs = 0; // of the merged jumps before the current one
  #settledMs: number | null = null;
  /** Frames moved again at `ms`, from `s`; not told yet, because another jump may follow. */
  resumed: { ms: number; s: number } | null = null;

  constructor(
    readonly fromS: number,
    public toS: number,
    public cause: JumpCause | null,
    private startedMs: number,
  ) {}

  get settledMs(): number | null {
    return this.#settledMs;
  }

  /** Waiting so far: from the jump to the settled playhead. */
  waitMs(nowMs: number): number {
    return this.#waitedMs + Math.max(0, (this.#settledMs ?? nowMs) - this.startedMs);
  }

  settle(ms: number, s: number): void {
    this.#settledMs = ms;
    this.toS = s;
  }

  /** Whether a jump that starts now belongs to this one. */
  takes(nowMs: number): boolean {
    return nowMs - (this.#settledMs ?? this.startedMs) < MERGE_MS;
  }

  merge(toS: number, cause: JumpCause | null, nowMs: number): void {
    this.#waitedMs = this.waitMs(nowMs);
    this.startedMs = nowMs;
    this.#settledMs = null;
    this.resumed = null;
    this.toS = toS;
    this.cause = cause ?? this.cause;
  }

  /** Nobody waits for a resume jump while nothing is asked to play. */
  event(nowMs: number, watched: boolean): EventBody {
    const wait_ms = this.cause === "resume" && !watched ? 0 : Math.round(this.waitMs(nowMs));
    const to_s = seconds(this.toS);
    return { type: "seek", from_s: seconds(this.fromS), to_s, wait_ms, cause: this.cause, position_s: to_s };
  }
}
