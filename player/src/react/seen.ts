// Which stretches of a video this person has watched: of earlier visits from storage, of this one from the element.
export type Range = [fromS: number, toS: number];

/** Neighbours this close are one stretch; nobody sees the difference on a bar. */
const JOIN_S = 1;
/** More stretches than this join at their smallest gaps: storage has a bound. */
const MAX_RANGES = 40;

/** Sorted, without overlap, at most MAX_RANGES. */
export function union(...lists: readonly (readonly Range[])[]): Range[] {
  const sorted = lists
    .flat()
    .filter(([fromS, toS]) => toS > fromS)
    .sort((a, b) => a[0] - b[0]);
  const joined: Range[] = [];
  for (const [fromS, toS] of sorted) {
    const last = joined.at(-1);
    if (last && fromS - last[1] <= JOIN_S) last[1] = Math.max(last[1], toS);
    else joined.push([fromS, toS]);
  }
  while (joined.length > MAX_RANGES) joinSmallestGap(joined);
  return joined;
}

function joinSmallestGap(ranges: Range[]): void {
  let smallest = 1;
  const gap = (i: number) => (ranges[i]?.[0] ?? Number.POSITIVE_INFINITY) - (ranges[i - 1]?.[1] ?? 0);
  for (let i = 2; i < ranges.length; i++) if (gap(i) < gap(smallest)) smallest = i;
  const [before, after] = [ranges[smallest - 1], ranges[smallest]];
  if (!before || !after) return;
  before[1] = after[1];
  ranges.splice(smallest, 1);
}

/** What the element has played since it got its source. */
export function playedRanges({ played }: { played: TimeRanges }): Range[] {
  return Array.from({ length: played.length }, (_, i) => [played.start(i), played.end(i)]);
}
