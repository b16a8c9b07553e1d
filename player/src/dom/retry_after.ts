/** Retry-After is obeyed up to here; a longer one is an outage, which is to be seen. */
const LONGEST_WAIT_MS = 30_000;

/** Milliseconds that a Retry-After header (seconds, or a date) asks for; null without one that can be obeyed. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const askedMs = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return askedMs <= LONGEST_WAIT_MS ? Math.max(0, askedMs) : null; // no date is NaN, which is not smaller
}
