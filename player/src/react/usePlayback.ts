import { type RefObject, useState } from "react";
import { useAtOnce } from "./useAtOnce";

/** What the controls show, as the media element says it. */
export interface Playback {
  paused: boolean;
  ended: boolean;
  /** Playing is asked for and no picture moves. */
  waiting: boolean;
  /** The playhead was sent elsewhere and has not arrived. */
  seeking: boolean;
  /** It was asked to play: the big button has gone. */
  started: boolean;
  /** There is a picture to see. */
  pictured: boolean;
  /** In steps of timeupdate; what moves smoothly listens to the handle. */
  positionS: number;
  durationS: number;
  volume: number;
  muted: boolean;
  rate: number;
  fullscreen: boolean;
  pip: boolean;
}

const EVENTS = [
  "play",
  "playing",
  "pause",
  "ended",
  "waiting",
  "seeking",
  "seeked",
  "timeupdate",
  "durationchange",
  "loadeddata",
  "volumechange",
  "ratechange",
  "canplay",
  "emptied",
  "enterpictureinpicture",
  "leavepictureinpicture",
  "webkitbeginfullscreen",
  "webkitendfullscreen",
] as const;

const START: Playback = {
  paused: true,
  ended: false,
  waiting: false,
  seeking: false,
  started: false,
  pictured: false,
  positionS: 0,
  durationS: 0,
  volume: 1,
  muted: false,
  rate: 1,
  fullscreen: false,
  pip: false,
};

export function usePlayback(video: RefObject<HTMLVideoElement | null>, box: RefObject<HTMLElement | null>): Playback {
  const [playback, setPlayback] = useState(START);
  useAtOnce(() => {
    const media = video.current;
    if (!media) return;
    const stop = new AbortController();
    let started = false;
    const look = (event: Event) => {
      if (event.type === "play") started = true;
      if (event.type === "emptied") started = false;
      setPlayback((before) => {
        const now = read(media, box.current, started);
        const keys = Object.keys(now) as (keyof Playback)[];
        return keys.every((key) => now[key] === before[key]) ? before : now;
      });
    };
    for (const type of EVENTS) media.addEventListener(type, look, { signal: stop.signal });
    document.addEventListener("fullscreenchange", look, { signal: stop.signal });
    return () => stop.abort();
  }, [video, box]);
  return playback;
}

function read(media: HTMLVideoElement, box: HTMLElement | null, started: boolean): Playback {
  return {
    paused: media.paused,
    ended: media.ended,
    waiting: !media.paused && !media.ended && media.readyState < media.HAVE_FUTURE_DATA,
    seeking: media.seeking,
    started,
    pictured: media.readyState >= media.HAVE_CURRENT_DATA,
    positionS: media.currentTime,
    durationS: Number.isFinite(media.duration) ? media.duration : 0,
    volume: media.volume,
    muted: media.muted,
    rate: media.playbackRate,
    fullscreen:
      (media as FullscreenVideo).webkitDisplayingFullscreen === true || rootOf(box)?.fullscreenElement === box,
    pip: rootOf(box)?.pictureInPictureElement === media,
  };
}

/** An iPhone fills the screen with the video alone. */
type FullscreenVideo = HTMLVideoElement & { webkitDisplayingFullscreen?: boolean };

/** In a shadow tree the document names only the host of what fills the screen. */
function rootOf(box: HTMLElement | null): Document | ShadowRoot | undefined {
  return box?.getRootNode() as Document | ShadowRoot | undefined;
}
