// How the videos on the page were watched in the last seven days.
import { useEffect, useRef, useState } from "react";
import { askMetric } from "./api";

const DAYS = 7;
const POINTS = 24; // of a curve as wide as a thumbnail's caption
const FRESH_MS = 60_000;
const MOST = 50; // curves of one page

/** Below so many views a curve says nothing; the dashboard draws the same line. */
export const ENOUGH_VIEWS = 10;

export interface Week {
  views: number;
  /** Share of views that saw each stretch, start to end; empty when there are too few. */
  retention: number[];
}

export type Weeks = ReadonlyMap<string, Week>;

const NOTHING: Weeks = new Map();

/** Empty until it is known, and where numbers cannot be had: cards are whole without them. */
export function useWeeks(videoIds: readonly string[]): Weeks {
  const [weeks, setWeeks] = useState<Weeks>(NOTHING);
  const curves = useRef(new Map<string, Week>());
  const ids = videoIds.slice(0, MOST).join(" ");
  useEffect(() => {
    if (!ids) return;
    const life = new AbortController();
    // The page says by itself when the server is gone.
    const load = () => askWeeks(ids.split(" "), curves.current, setWeeks, life.signal).catch(() => undefined);
    void load();
    const timer = setInterval(() => {
      if (!document.hidden) void load();
    }, FRESH_MS);
    return () => {
      life.abort();
      clearInterval(timer);
    };
  }, [ids]);
  return weeks;
}

interface ViewsRow {
  video_id: string;
  views: number;
}

interface RetentionRow {
  from_s: number;
  unique: number;
}

/**
 * The views of all videos at once, then the curves one after the other: a long library does not keep the server from
 * other questions. `known`: curves of earlier, which stand while their views do.
 */
async function askWeeks(
  ids: string[],
  known: Map<string, Week>,
  tell: (weeks: Weeks) => void,
  signal: AbortSignal,
): Promise<void> {
  const since = new Date(Date.now() - (DAYS - 1) * 86_400_000).toISOString().slice(0, 10);
  const weeks = new Map<string, Week>(ids.map((id) => [id, { views: 0, retention: [] }]));
  for (const { video_id, views } of await askMetric<ViewsRow>("views", new URLSearchParams({ since }), signal)) {
    if (!weeks.has(video_id)) continue;
    const before = known.get(video_id);
    weeks.set(video_id, before?.views === views ? before : { views, retention: before?.retention ?? [] });
  }
  tell(new Map(weeks));
  for (const [video_id, { views }] of weeks) {
    if (views < ENOUGH_VIEWS || known.get(video_id)?.views === views) continue;
    const query = new URLSearchParams({ since, video_id, "param.points": String(POINTS) });
    const rows = await askMetric<RetentionRow>("audience_retention", query, signal);
    const week = { views, retention: rows.sort((a, b) => a.from_s - b.from_s).map(({ unique }) => unique) };
    known.set(video_id, week);
    weeks.set(video_id, week);
    tell(new Map(weeks));
  }
}
