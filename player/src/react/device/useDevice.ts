// Lock screen, media keys and the screen's light, once it plays: nothing of it is loaded before the first picture.
import { type RefObject, useEffect } from "react";
import type { PlayerHandle } from "../types";
import { useModule } from "../useModule";
import type { Shown } from "./mediaSession";

interface Parts extends Shown {
  handle: PlayerHandle | null;
  /** Only a player that has been started takes the media session: a page may hold several. */
  started: boolean;
  /** The picture moves on this screen. */
  moving: boolean;
}

const load = () => import(".");

export function useDevice(video: RefObject<HTMLVideoElement | null>, parts: Parts): void {
  const { title, poster, onNext, handle, started, moving } = parts;
  const [device] = useModule(load, started);
  useEffect(() => {
    const media = video.current;
    if (!device || !started || !media || !handle) return;
    const life = new AbortController();
    device.holdMediaSession(media, handle, { title, poster, onNext }, life.signal);
    return () => life.abort();
  }, [device, video, title, poster, onNext, handle, started]);
  useEffect(() => {
    if (!device || !moving) return;
    const life = new AbortController();
    device.holdWakeLock(life.signal);
    return () => life.abort();
  }, [device, moving]);
}
