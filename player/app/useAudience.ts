// How a video is watched, for its timeline: the parts that people jump over, and who is still there.
import { useEffect, useState } from "react";
import type { SkipSection } from "../src/react";
import { askMetric } from "./api";
import { ENOUGH_VIEWS } from "./week";

/** With fewer who skip a part, most of those who see the button would not have wanted it. */
const MIN_SHARE = 0.3;
/** A part that begins this early is what a video begins with. */
const INTRO_FROM_S = 5;
const POINTS = 100; // as many slices as the heat has

export interface SkipRow {
  from_s: number;
  to_s: number;
  share: number;
}

export interface RetentionRow {
  from_s: number;
  unique: number;
  n: number;
}

export interface AudienceOf {
  skips: SkipSection[] | null;
  /** Share of views that saw each slice; null with too few of them. */
  retention: number[] | null;
}

const UNKNOWN: AudienceOf = { skips: null, retention: null };

/** Nothing until it is known, for no video (null), and where numbers cannot be had. */
export function useAudience(videoId: string | null): AudienceOf {
  const [audience, setAudience] = useState(UNKNOWN);
  useEffect(() => {
    setAudience(UNKNOWN);
    if (videoId === null) return;
    const life = new AbortController();
    const of = { video_id: videoId };
    Promise.all([
      askMetric<SkipRow>("skipped_sections", new URLSearchParams(of), life.signal),
      askMetric<RetentionRow>(
        "audience_retention",
        new URLSearchParams({ ...of, "param.points": String(POINTS) }),
        life.signal,
      ),
    ])
      .then(([skips, retention]) => setAudience({ skips: sectionsOf(skips), retention: curveOf(retention) }))
      .catch(() => undefined); // the video plays without
    return () => life.abort();
  }, [videoId]);
  return audience;
}

/** The sections that enough people skip. */
export function sectionsOf(rows: readonly SkipRow[]): SkipSection[] {
  return rows
    .filter(({ share }) => share >= MIN_SHARE)
    .map(({ from_s, to_s }) => ({ fromS: from_s, toS: to_s, kind: from_s <= INTRO_FROM_S ? "intro" : "section" }));
}

/** Shares from start to end; null with too few views. */
export function curveOf(rows: readonly RetentionRow[]): number[] | null {
  if (rows.length === 0 || rows.some(({ n }) => n < ENOUGH_VIEWS)) return null;
  return rows.toSorted((a, b) => a.from_s - b.from_s).map(({ unique }) => unique);
}
