// Cues of a video: chapter titles, and regions of a sprite sheet.
import { useEffect, useState } from "react";

export interface Cue {
  startS: number;
  endS: number;
  text: string;
}

export function cueAt(cues: Cue[], positionS: number): Cue | null {
  return cues.findLast((cue) => cue.startS <= positionS && positionS < cue.endS) ?? null;
}

/** Cues of a WebVTT file; none while it loads or when it cannot be had, since pictures and chapters are extras. */
export function useCues(url: string | null | undefined): Cue[] {
  const [cues, setCues] = useState<Cue[]>([]);
  useEffect(() => {
    setCues([]);
    if (!url) return;
    const loading = new AbortController();
    const file = fetch(url, { signal: loading.signal, credentials: "omit" });
    Promise.all([import("./vtt"), file.then((response) => (response.ok ? response.text() : ""))])
      .then(([{ parseCues }, vtt]) => setCues(parseCues(vtt)))
      .catch(() => undefined);
    return () => loading.abort();
  }, [url]);
  return cues;
}
