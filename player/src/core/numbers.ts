const MAX_POSITION_S = 604_800;

export function bounded(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** A playback rate the contract knows. */
export function knownRate(rate: number): number {
  return bounded(rate, 0.06, 16);
}

/** Milliseconds are as fine as anybody measures; NaN (no media yet) is the start. */
export function seconds(value: number): number {
  return bounded(Math.round(value * 1000) / 1000 || 0, 0, MAX_POSITION_S);
}
