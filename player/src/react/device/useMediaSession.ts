import { type RefObject, useEffect } from "react";
import type { PlayerHandle } from "../types";
import type { Shown } from "./mediaSession";

interface Session extends Shown {
  handle: PlayerHandle | null;
  /** Only a player that has been started takes the session: a page may hold several. */
  active: boolean;
}

/** Lock screen and media keys, once it plays: nothing of it is loaded before the first picture. */
export function useMediaSession(video: RefObject<HTMLVideoElement | null>, session: Session): void {
  const { title, poster, onNext, handle, active } = session;
  useEffect(() => {
    const media = video.current;
    if (!active || !media || !handle) return;
    const life = new AbortController();
    import("./mediaSession")
      .then(({ holdMediaSession }) => {
        if (!life.signal.aborted) holdMediaSession(media, handle, { title, poster, onNext }, life.signal);
      })
      .catch(() => undefined); // offline: it plays without
    return () => life.abort();
  }, [video, title, poster, onNext, handle, active]);
}
