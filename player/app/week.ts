// How the videos on the page were watched in the last seven days: one question for all of them.
import { useEffect, useState } from "react";
import { askMetric } from "./api";

const DAYS = 7;
const POINTS = 24; // of a curve as wide as a thumbnail's caption
const FRESH_MS = 60_000;
const MOST = 50; // videos in one question

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
  const ids = videoIds.slice(0, MOST).join(" ");
  useEffect(() => {
    if (!ids) return;
    const life = new AbortController();
    const load = () =>
      askWeeks(ids.split(" "), life.signal)
        .then(setWeeks)
        .catch(() => undefined); // the page says by itself when the server is gone
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
  video_id: string;
  from_s: number;
  unique: number;
  n: number;
}

async function askWeeks(ids: string[], signal: AbortSignal): Promise<Weeks> {
  const since = new Date(Date.now() - (DAYS - 1) * 86_400_000).toISOString().slice(0, 10);
  const query = new URLSearchParams([["since", since], ...ids.map((id) => ["video_id", id])]);
  const views = await askMetric<ViewsRow>("views", query, signal);
  const weeks = new Map<string, Week>(ids.map((id) => [id, { views: 0, retention: [] }]));
  for (const row of views) weeks.set(row.video_id, { views: row.views, retention: [] });
  const known = views.filter((row) => row.views >= ENOUGH_VIEWS);
  if (known.length === 0) return weeks;
  query.set("param.points", String(POINTS));
  const curves = await askMetric<RetentionRow>("audience_retention", query, signal);
  curves.sort((a, b) => a.from_s - b.from_s);
  for (const row of curves) if (row.n >= ENOUGH_VIEWS) weeks.get(row.video_id)?.retention.push(row.unique);
  return weeks;
}
