import type { Ref } from "react";
import type { JumpCause } from "../core/events";
import type { Tracker } from "../dom/tracker";
import type { SkipSection } from "./skip";

/** Where the player reports a view; the embedded player of the dashboard has `tracking={false}`. */
export interface Tracking {
  /** May still be loading: its code is not what a first frame waits for. */
  tracker: Tracker | PromiseLike<Tracker>;
  videoId: string;
}

export interface CaptionTrack {
  src: string;
  lang: string;
  label: string;
}

/** A video that is still being encoded. */
export interface Preparing {
  /** Share of the whole work that is done, 0..1. */
  progress: number;
  /** What is being made of it, each with its share. */
  renditions: { height: number; progress: number }[];
  /** What is going on, in the host's words: "Fetching". */
  state?: string;
}

/** What changes while a video is open, and does not come from the media. */
export interface LiveFacts {
  /** How often each of equal slices (100 from ViewBox) is replayed, 0..1 of the most replayed one; null or all zero: not known. */
  heat?: readonly number[] | null;
  /** Share of the audience in each of equal slices, 0..1. */
  retention?: readonly number[] | null;
  /** How many people watch right now; shown from 3. */
  watching?: number | null;
  preparing?: Preparing | null;
  /** Parts that people skip, offered as a button. Chapters called "Intro" and the like are found without it. */
  skips?: readonly SkipSection[] | null;
}

/** What comes after this video. */
export interface NextVideo {
  title: string;
  poster?: string | null;
  /** Goes there. Called by the person, or 10 s after the end unless they say no. */
  onPlay: () => void;
}

/** What a host page can do with a mounted player. */
export interface PlayerHandle {
  play(): void;
  pause(): void;
  seek(toS: number, cause?: JumpCause): void;
  /** Plays [fromS, toS) again and again; `loop(null)` ends it. A jump by hand out of the range ends it too. */
  loop(fromS: number | null, toS?: number): void;
  /** Facts that arrive while the video is open; each stands until it is given again. They win over the props. */
  update(facts: LiveFacts): void;
  /** Tells the tracker of a choice made outside the player, such as theatre. */
  setting(name: string, value: string | number | boolean): void;
  /** Calls back with the playhead, at most once per frame while it moves. Returns the way to stop. */
  onTime(listener: (positionS: number) => void): () => void;
  readonly positionS: number;
  readonly durationS: number;
  readonly paused: boolean;
}

export interface ViewBoxPlayerProps extends LiveFacts {
  /** URL of an HLS master playlist, or of a file the browser plays by itself; null while there is nothing to play. */
  src: string | null;
  /** Which master `src` leads to. A greater one than before is gone on with, in place: no break in picture or sound. */
  masterVersion?: number | null;
  poster?: string | null;
  /** WebVTT whose cues are sprite regions (`sprite.jpg#xywh=…`). */
  storyboard?: string | null;
  /** WebVTT whose cues are chapter titles. */
  chapters?: string | null;
  captions?: CaptionTrack[];
  /** Accessible name of the player. */
  title?: string;
  /** Known before the media is: lets the scrubber and times stand at once. */
  durationS?: number | null;
  tracking?: false | Tracking;
  startS?: number;
  /** Plays by itself; `muted`: without sound where the browser does not allow it with sound. */
  autoPlay?: boolean | "muted";
  /** Key under which the position is remembered on this device; absent: never. */
  resumeKey?: string;
  /** URL of this page at a position; enables "share at …". */
  shareUrl?: (positionS: number) => string;
  next?: NextVideo | null;
  /** A wider player, which the host lays out; without `onTheatre` there is no button. */
  theatre?: boolean;
  onTheatre?: (on: boolean) => void;
  /** Single-key shortcuts; a person can switch them off too. */
  hotkeys?: boolean;
  /** BCP 47 language of the controls; default: the browser's. English, German and Arabic are there. */
  lang?: string;
  onEnded?: () => void;
  handle?: Ref<PlayerHandle>;
  className?: string;
}
