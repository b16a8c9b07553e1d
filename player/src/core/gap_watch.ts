import type { Clock } from "./clock";

/** A longer gap between two looks, without the playhead having moved along, was the device asleep. */
export const SLEEP_MS = 30_000;

export interface Gap {
  gapMs: number;
  /** How much of it the monotonic clock saw. */
  monoMs: number;
}

/**
 * Tells, at each call, the gap since the last one if it is long enough for a sleep. Some devices stop the monotonic
 * clock while they sleep, so both clocks count.
 */
export function watchGaps({ monoMs, wallMs }: Clock): () => Gap | null {
  let lastMonoMs = monoMs();
  let lastWallMs = wallMs();
  return () => {
    const mono = monoMs() - lastMonoMs;
    const wall = wallMs() - lastWallMs;
    lastMonoMs += mono;
    lastWallMs += wall;
    const gapMs = Math.max(mono, wall);
    return gapMs > SLEEP_MS ? { gapMs, monoMs: mono } : null;
  };
}
