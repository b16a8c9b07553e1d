// Which parts of a video people jump over: the player offers to do the same.
import { useEffect, useState } from "react";
import type { SkipSection } from "../src/react";
import { askMetric } from "./api";

/** With fewer who skip a part, most of those who see the button would not have wanted it. */
const MIN_SHARE = 0.3;
/** A part that begins this early is what a video begins with. */
const INTRO_FROM_S = 5;

export interface SkipRow {
  from_s: number;
  to_s: number;
  share: number;
}

/** Null until it is known, for no video (null), and where numbers cannot be had. */
export function useSkips(videoId: string | null): SkipSection[] | null {
  const [skips, setSkips] = useState<SkipSection[] | null>(null);
  useEffect(() => {
    setSkips(null);
    if (videoId === null) return;
    const life = new AbortController();
    askMetric<SkipRow>("skipped_sections", new URLSearchParams({ video_id: videoId }), life.signal)
      .then((rows) => setSkips(sectionsOf(rows)))
      .catch(() => undefined); // the video plays without
    return () => life.abort();
  }, [videoId]);
  return skips;
}

/** The sections that enough people skip. */
export function sectionsOf(rows: readonly SkipRow[]): SkipSection[] {
  return rows
    .filter(({ share }) => share >= MIN_SHARE)
    .map(({ from_s, to_s }) => ({ fromS: from_s, toS: to_s, kind: from_s <= INTRO_FROM_S ? "intro" : "section" }));
}
