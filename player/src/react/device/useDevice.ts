// Lock screen, media keys and the screen's light, once it plays; other screens.
import { type RefObject, useEffect, useState } from "react";
import type { PlayerHandle } from "../types";
import type { Shown } from "./mediaSession";
import type { Remote } from "./remote";

interface Parts extends Shown {
  handle: PlayerHandle | null;
  /** Only a player that has been started takes the media session: a page may hold several. */
  started: boolean;
  /** The picture moves on this screen. */
  moving: boolean;
}

type Device = Pick<typeof import("../later"), "holdMediaSession" | "holdWakeLock" | "watchRemote">;

/** The screens that could show the video, null while there is none. `device` null: not here yet. */
export function useDevice(
  device: Device | null,
  video: RefObject<HTMLVideoElement | null>,
  parts: Parts,
): Remote | null {
  const [remote, setRemote] = useState<Remote | null>(null);
  useEffect(() => {
    if (!device || !video.current) return;
    const life = new AbortController();
    device.watchRemote(video.current, setRemote, life.signal);
    return () => life.abort();
  }, [device, video]);
  const { title, poster, onNext, handle, started, moving } = parts;
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
  return remote;
}
