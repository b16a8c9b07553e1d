const FIRST_MS = 1000;
const CAP_MS = 60_000;

/** Full jitter: anywhere below 1 s · 2ⁿ, at most a minute, so that a restarted server is not met by everyone at once. */
export function backoffMs(failures: number, random: () => number): number {
  return Math.round(random() * Math.min(CAP_MS, FIRST_MS * 2 ** failures));
}
