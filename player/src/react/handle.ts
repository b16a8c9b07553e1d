import type { Attached } from "../dom/tracker";
import type { LiveFacts, PlayerHandle } from "./types";

export interface HandleParts {
  media: HTMLVideoElement;
  attached: () => Attached | null;
  play: () => void;
  update: (facts: LiveFacts) => void;
}

/** What hosts call. `dispose` ends loop and time listeners. */
export function createHandle({ media, attached, play, update }: HandleParts): {
  handle: PlayerHandle;
  dispose(): void;
} {
  const listeners = new Set<(positionS: number) => void>();
  const stop = new AbortController();
  let range: { fromS: number; toS: number } | null = null;
  let frame: number | null = null;
  let ownJump = false;

  const jump = (toS: number, cause: Parameters<PlayerHandle["seek"]>[1] = "user") => {
    attached()?.announceJump(cause);
    media.currentTime = Math.max(0, Math.min(toS, Number.isFinite(media.duration) ? media.duration : toS));
  };
  const tell = () => {
    for (const listener of listeners) listener(media.currentTime);
  };
  const tick = () => {
    frame = null;
    if (range && media.currentTime >= range.toS) restart();
    tell();
    if (!media.paused) schedule();
  };
  const schedule = () => {
    frame ??= requestAnimationFrame(tick);
  };
  const restart = () => {
    if (!range) return;
    ownJump = true;
    jump(range.fromS, "loop");
  };
  const on = (type: string, act: () => void) => media.addEventListener(type, act, { signal: stop.signal });
  on("play", schedule);
  on("timeupdate", () => {
    if (range && media.currentTime >= range.toS && !media.paused) restart(); // hidden pages draw no frames
    tell();
  });
  on("seeking", () => {
    const leftRange = range && (media.currentTime < range.fromS - 0.5 || media.currentTime > range.toS + 0.5);
    if (leftRange && !ownJump) range = null; // a person who goes elsewhere wants to be there
    ownJump = false;
    tell();
  });
  on("ended", () => {
    if (!range) return;
    restart();
    play();
  });

  return {
    handle: {
      play,
      pause: () => media.pause(),
      seek: jump,
      loop(fromS, toS) {
        range = fromS === null ? null : { fromS, toS: toS ?? Number.POSITIVE_INFINITY };
        if (!range) return;
        restart();
        play();
      },
      update,
      setting: (name, value) => attached()?.setting(name, value),
      onTime(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      get positionS() {
        return media.currentTime;
      },
      get durationS() {
        return Number.isFinite(media.duration) ? media.duration : 0;
      },
      get paused() {
        return media.paused;
      },
    },
    dispose() {
      stop.abort();
      listeners.clear();
      if (frame !== null) cancelAnimationFrame(frame);
    },
  };
}
