/** A standstill shorter than this is jitter of clocks and audio devices, not something a person sees as a stall. */
export const STALL_MIN_MS = 250;

/**
 * The straight line a playhead follows while it moves: position = s + (time − ms) × rate.
 *
 * Looks come 100 ms and more apart, yet a standstill is dated closer: the way covered since the last look tells when
 * it began, or ended.
 */
export interface MotionLine {
  /** When the playhead last moved. */
  ms: number;
  /** Where it has been since. */
  s: number;
  /** The last look. */
  seenMs: number;
  readonly rate: number;
}

/** How long the way from the line's place to `s` takes. */
export function wayMs(line: MotionLine, s: number): number {
  return ((s - line.s) / line.rate) * 1000;
}

/**
 * Takes a look and returns for how long the playhead has stood still, in ms.
 *
 * A standstill of `STALL_MIN_MS` that is over by now leaves the line at the place of it, so that the caller can end it.
 */
export function look(line: MotionLine, nowMs: number, s: number): number {
  const way = wayMs(line, s);
  if (way > 0) {
    const stoodMs = Math.max(line.seenMs, nowMs - way) - line.ms;
    if (stoodMs >= STALL_MIN_MS && line.seenMs > line.ms) return stoodMs;
    line.ms = Math.min(nowMs, line.seenMs + way);
  } else if (way < 0) line.ms = nowMs;
  line.s = s;
  line.seenMs = nowMs;
  return nowMs - line.ms;
}

/** Where the playhead is now if it still moves; not farther than `limitMs` beyond the last look. */
export function expectedS(line: MotionLine, nowMs: number, limitMs: number): number {
  return line.s + (Math.min(Math.max(0, nowMs - line.seenMs), limitMs) / 1000) * line.rate;
}
