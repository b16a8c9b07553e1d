// What a lock screen, a headset and a keyboard's media keys show and do.
import { type RefObject, useEffect } from "react";
import type { PlayerHandle } from "../types";

interface Shown {
  title: string | undefined;
  poster: string | null | undefined;
  handle: PlayerHandle | null;
  /** Only a player that has been started takes the session: a page may hold several. */
  active: boolean;
  onNext: (() => void) | undefined;
}

const STEP_S = 10;

export function useMediaSession(video: RefObject<HTMLVideoElement | null>, shown: Shown): void {
  const { title, poster, handle, active, onNext } = shown;
  useEffect(() => {
    const media = video.current;
    const session = (navigator as Partial<Navigator>).mediaSession;
    if (!active || !media || !handle || !session) return;
    const life = new AbortController();
    const artwork = poster ? [{ src: new URL(poster, location.href).href }] : [];
    session.metadata = new MediaMetadata({ title: title ?? document.title, artwork });
    const step = (by: number) => handle.seek(media.currentTime + by);
    const actions: [MediaSessionAction, MediaSessionActionHandler | null][] = [
      ["play", () => handle.play()],
      ["pause", () => handle.pause()],
      ["seekbackward", ({ seekOffset }) => step(-(seekOffset ?? STEP_S))],
      ["seekforward", ({ seekOffset }) => step(seekOffset ?? STEP_S)],
      ["seekto", ({ seekTime }) => seekTime != null && handle.seek(seekTime)],
      ["nexttrack", onNext ?? null],
    ];
    for (const [action, act] of actions) setAction(session, action, act);
    const tell = () => {
      session.playbackState = media.paused ? "paused" : "playing";
      const { duration, playbackRate } = media;
      if (!Number.isFinite(duration) || duration <= 0 || playbackRate <= 0) return;
      session.setPositionState?.({ duration, playbackRate, position: Math.min(media.currentTime, duration) });
    };
    tell();
    for (const type of ["play", "pause", "seeked", "ratechange", "durationchange"])
      media.addEventListener(type, tell, { signal: life.signal });
    return () => {
      life.abort();
      for (const [action] of actions) setAction(session, action, null);
      session.metadata = null;
      session.playbackState = "none";
    };
  }, [video, title, poster, handle, active, onNext]);
}

function setAction(session: MediaSession, action: MediaSessionAction, act: MediaSessionActionHandler | null): void {
  try {
    session.setActionHandler(action, act);
  } catch {
    // a browser that does not know this action throws
  }
}
