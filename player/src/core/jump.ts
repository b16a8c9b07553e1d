import type { FieldsOf, JumpCause } from "./events";
import { seconds } from "./numbers";

/** Jumps closer together than this are one: somebody is searching. */
export const MERGE_MS = 500;

/** A jump of the playhead, possibly of several that follow each other within `MERGE_MS`. */
export interface Jump {
  readonly fromS: number;
  toS: number;
  cause: JumpCause;
  startedMs: number;
  /** Waited in the merged jumps before the current one. */
  waitedMs: number;
  /** 0 = not yet. */
  settledMs: number;
  /** Frames moved again at `settledMs`; not told yet, because another jump may follow. */
  resumed: boolean;
}

/** Waiting so far: from the jump to the settled playhead. */
export function waitedMs(jump: Jump, nowMs: number): number {
  return jump.waitedMs + Math.max(0, (jump.settledMs || nowMs) - jump.startedMs);
}

/** Whether a jump that starts now belongs to this one. */
export function takesNext(jump: Jump, nowMs: number): boolean {
  return nowMs - (jump.settledMs || jump.startedMs) < MERGE_MS;
}

/** Nobody waits for a resume jump while nothing is asked to play. */
export function seekFields(jump: Jump, nowMs: number, watched: boolean): FieldsOf<"seek"> {
  return {
    from_s: seconds(jump.fromS),
    to_s: seconds(jump.toS),
    wait_ms: jump.cause === "resume" && !watched ? 0 : Math.round(waitedMs(jump, nowMs)),
    cause: jump.cause,
  };
}
