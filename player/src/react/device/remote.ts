// Other screens: AirPlay where Safari offers it, the Remote Playback API elsewhere. No foreign script is asked.
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

/** Tells of the other screens that could show this video, null when there is none, until `life` aborts. */
export function watchRemote(video: HTMLVideoElement, tell: (remote: Remote | null) => void, life: AbortSignal): void {
  const media: AirPlayVideo = video;
  let available = false;
  const on = (target: EventTarget, type: string, act: (event: Event) => void) =>
    target.addEventListener(type, act, { signal: life });
  if (media.webkitShowPlaybackTargetPicker) {
    const look = () => {
      const connected = media.webkitCurrentPlaybackTargetIsWireless === true;
      const choose = () => media.webkitShowPlaybackTargetPicker?.();
      tell(available ? { kind: "airplay", connected, choose } : null);
    };
    on(media, "webkitplaybacktargetavailabilitychanged", (event) => {
      available = (event as Event & { availability?: string }).availability === "available";
      look();
    });
    on(media, "webkitcurrentplaybacktargetiswirelesschanged", look);
  } else if (media.remote) {
    const { remote } = media;
    const look = () => {
      const choose = () => void remote.prompt().catch(() => undefined); // closed without a choice
      tell(available ? { kind: "remote", connected: remote.state === "connected", choose } : null);
    };
    const watch = remote.watchAvailability((found) => {
      available = found;
      if (!life.aborted) look();
    });
    watch.catch(() => undefined); // a device that cannot look for screens
    for (const type of ["connect", "disconnect"]) on(remote, type, look);
    life.addEventListener("abort", () => void remote.cancelWatchAvailability().catch(() => undefined));
  }
}
