import { type RefObject, useEffect, useMemo, useState } from "react";
import { seenBefore } from "./resume";
import { playedRanges, type Range, union } from "./seen";
import type { Playback } from "./usePlayback";

/** How often the bar shows what was watched since. */
const STEP_S = 2;

/** The stretches this person has watched of this video, this visit's included; none without a key to remember it by. */
export function useSeen(
  video: RefObject<HTMLVideoElement | null>,
  key: string | undefined,
  { positionS, paused }: Playback,
): readonly Range[] {
  const [before, setBefore] = useState<Range[]>([]);
  useEffect(() => setBefore(key ? seenBefore(key) : []), [key]);
  const step = Math.floor(positionS / STEP_S);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the element's ranges grow as the playhead moves
  return useMemo(
    () => (key && video.current ? union(before, playedRanges(video.current)) : before),
    [video, key, before, step, paused],
  );
}
