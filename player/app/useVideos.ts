// Videos as the API tells them, asked again as often as something is going on.
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, showVideo, unreachable, type Video } from "./api";
import { takeFirst } from "./firstVideo";

const BUSY_MS = 1000; // while something is being prepared
const CALM_MS = 15_000;
const DOWN_MS = 3000;

export interface Loaded<Content> {
  content: Content | null;
  error: ApiError | null;
  reload(): void;
}

export function isBusy(video: Video): boolean {
  return (
    video.status === "queued" ||
    video.status === "fetching" ||
    video.status === "probing" ||
    video.status === "encoding"
  );
}

/** `pushed`: its progress arrives by itself, and is not asked for every second. */
export function useVideo(id: string, pushed = false): Loaded<Video> {
  const load = useCallback((signal: AbortSignal) => showVideo(id, signal), [id]);
  const [first] = useState(() => takeFirst(id));
  return usePolled(load, (video) => !pushed && isBusy(video), first);
}

/** `first`: the first answer, which is there already. Without `load` nothing is asked for. */
export function usePolled<Content>(
  load: ((signal: AbortSignal) => Promise<Content>) | null,
  busy: (content: Content) => boolean,
  first: Content | null = null,
): Loaded<Content> {
  const [state, setState] = useState<{ content: Content | null; error: ApiError | null }>({
    content: first,
    error: null,
  });
  const unused = useRef(first);
  const [round, setRound] = useState(0);
  const isBusyNow = useRef(busy);
  isBusyNow.current = busy;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is how `reload` asks for a new round
  useEffect(() => {
    if (!load) return;
    const life = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const delayAfter = (content: Content) => (isBusyNow.current(content) ? BUSY_MS : CALM_MS);
    const again = async () => {
      let delayMs: number;
      try {
        const content = await load(life.signal);
        setState({ content, error: null });
        delayMs = delayAfter(content);
      } catch (reason) {
        if (life.signal.aborted) return;
        const error = reason instanceof ApiError ? reason : unreachable();
        setState((before) => ({ content: error.status === 404 ? null : before.content, error }));
        if (error.status >= 400 && error.status < 500) return; // asking again changes nothing
        delayMs = DOWN_MS;
      }
      if (!life.signal.aborted) timer = setTimeout(again, document.hidden ? CALM_MS : delayMs);
    };
    const content = unused.current;
    unused.current = null;
    if (content) timer = setTimeout(again, delayAfter(content));
    else void again();
    return () => {
      life.abort();
      clearTimeout(timer);
    };
  }, [load, round]);

  const reload = useCallback(() => setRound((count) => count + 1), []);
  return { ...state, reload };
}
