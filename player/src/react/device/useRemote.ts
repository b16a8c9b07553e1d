// Other screens: AirPlay where Safari offers it, the Remote Playback API elsewhere. No foreign script is asked.
import { type RefObject, useEffect, useState } from "react";

type AirPlayVideo = HTMLVideoElement & {
  webkitShowPlaybackTargetPicker?: () => void;
  webkitCurrentPlaybackTargetIsWireless?: boolean;
};

export interface Remote {
  kind: "airplay" | "remote";
  connected: boolean;
  /** Opens the browser's list of screens. */
  choose(): void;
}

/** Null while there is no other screen that could show this video. */
export function useRemote(video: RefObject<HTMLVideoElement | null>): Remote | null {
  const [kind, setKind] = useState<Remote["kind"] | null>(null);
  const [connected, setConnected] = useState(false);
  useEffect(() => {
    const media = video.current as AirPlayVideo | null;
    if (!media) return;
    const life = new AbortController();
    const on = (target: EventTarget, type: string, act: (event: Event) => void) =>
      target.addEventListener(type, act, { signal: life.signal });
    if (media.webkitShowPlaybackTargetPicker) {
      on(media, "webkitplaybacktargetavailabilitychanged", (event) =>
        setKind((event as Event & { availability?: string }).availability === "available" ? "airplay" : null),
      );
      on(media, "webkitcurrentplaybacktargetiswirelesschanged", () =>
        setConnected(media.webkitCurrentPlaybackTargetIsWireless === true),
      );
    } else if (media.remote) {
      const { remote } = media;
      remote.watchAvailability((available) => setKind(available ? "remote" : null)).catch(() => undefined);
      for (const type of ["connect", "disconnect"]) on(remote, type, () => setConnected(remote.state === "connected"));
      life.signal.addEventListener("abort", () => void remote.cancelWatchAvailability().catch(() => undefined));
    }
    return () => life.abort();
  }, [video]);
  if (!kind) return null;
  const choose = () => {
    const media = video.current as AirPlayVideo | null;
    if (kind === "airplay") media?.webkitShowPlaybackTargetPicker?.();
    else media?.remote.prompt().catch(() => undefined); // closed without a choice
  };
  return { kind, connected, choose };
}
