// Videos that were begun on this device and not seen to their end: functional storage of the player, nothing else.
import { useEffect, useMemo, useState } from "react";
import { rememberedPositions } from "../src/react/resume";
import { showVideo, type Video } from "./api";

const MOST = 4;

export interface Begun {
  video: Video;
  positionS: number;
}

/** Newest first. Videos that the library has not loaded are asked for by themselves; removed ones are left out. */
export function useContinue(loaded: readonly Video[] | null): Begun[] {
  const positions = useMemo(() => rememberedPositions().slice(0, MOST), []);
  const [others, setOthers] = useState<Video[]>([]);
  const missing = loaded
    ? positions.filter(({ key }) => !loaded.some(({ id }) => id === key)).map(({ key }) => key)
    : [];
  const wanted = missing.join(" ");
  useEffect(() => {
    if (!wanted) return;
    const life = new AbortController();
    const ask = wanted.split(" ").map((id) => showVideo(id, life.signal).catch(() => null));
    void Promise.all(ask).then((found) => {
      if (!life.signal.aborted) setOthers(found.filter((video) => video !== null));
    });
    return () => life.abort();
  }, [wanted]);
  if (!loaded) return [];
  return positions.flatMap(({ key, positionS }) => {
    const video = [...loaded, ...others].find(({ id }) => id === key);
    return video?.playable ? [{ video, positionS }] : [];
  });
}
