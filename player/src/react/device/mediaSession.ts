// What a lock screen, a headset and a keyboard's media keys show and do.
import type { PlayerHandle } from "../types";

export interface Shown {
  title: string | undefined;
  poster: string | null | undefined;
  onNext: (() => void) | undefined;
}

const STEP_S = 10;

/** Takes the session for this element until `life` aborts. */
export function holdMediaSession(media: HTMLVideoElement, handle: PlayerHandle, shown: Shown, life: AbortSignal): void {
  const session = (navigator as Partial<Navigator>).mediaSession;
  if (!session) return;
  const artwork = shown.poster ? [{ src: new URL(shown.poster, location.href).href }] : [];
  session.metadata = new MediaMetadata({ title: shown.title ?? document.title, artwork });
  const step = (by: number) => handle.seek(media.currentTime + by);
  const actions: [MediaSessionAction, MediaSessionActionHandler | null][] = [
    ["play", () => handle.play()],
    ["pause", () => handle.pause()],
    ["seekbackward", ({ seekOffset }) => step(-(seekOffset ?? STEP_S))],
    ["seekforward", ({ seekOffset }) => step(seekOffset ?? STEP_S)],
    ["seekto", ({ seekTime }) => seekTime != null && handle.seek(seekTime)],
    ["nexttrack", shown.onNext ?? null],
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
    media.addEventListener(type, tell, { signal: life });
  life.addEventListener("abort", () => {
    for (const [action] of actions) setAction(session, action, null);
    session.metadata = null;
    session.playbackState = "none";
  });
}

function setAction(session: MediaSession, action: MediaSessionAction, act: MediaSessionActionHandler | null): void {
  try {
    session.setActionHandler(action, act);
  } catch {
    // a browser that does not know this action throws
  }
}
