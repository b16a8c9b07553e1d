// The library as the API tells it, page after page; a page that shows one video alone does without.
import { useCallback, useState } from "react";
import { listVideos, type Question, type Video } from "./api";
import { isBusy, type Loaded, usePolled } from "./useVideos";

export interface Library extends Loaded<Video[]> {
  /** Loads the next page; null when everything is here. */
  more: (() => void) | null;
}

export const EVERYTHING: Question = { search: "", tag: null };

/** Null: nothing is asked for yet. */
export function useLibrary(question: Question | null = EVERYTHING): Library {
  const { search, tag } = question ?? EVERYTHING;
  const [pages, setPages] = useState(1);
  const [hasMore, setHasMore] = useState(false);
  const load = useCallback(
    async (signal: AbortSignal) => {
      const videos: Video[] = [];
      let next: string | null = null;
      for (let page = 0; page < pages; page++) {
        const loaded = await listVideos({ search, tag }, next, signal);
        videos.push(...loaded.items);
        next = loaded.next;
        if (!next) break;
      }
      setHasMore(next !== null);
      return videos;
    },
    [pages, search, tag],
  );
  const loaded = usePolled(question && load, (videos) => videos.some(isBusy));
  const more = useCallback(() => setPages((count) => count + 1), []);
  return { ...loaded, more: hasMore ? more : null };
}
