import type { Ref } from "react";
import type { JumpCause } from "../core/events";
import type { Tracker } from "../dom/tracker";

/** Where the player reports a view; the embedded player of the dashboard has `tracking={false}`. */
export interface Tracking {
  tracker: Tracker;
  videoId: string;
}

export interface CaptionTrack {
  src: string;
  lang: string;
  label: string;
}

/** What a host page can do with a mounted player. */
export interface PlayerHandle {
  play(): void;
  pause(): void;
  seek(toS: number, cause?: JumpCause): void;
  /** Plays [fromS, toS) again and again; `loop(null)` ends it. A jump by hand out of the range ends it too. */
  loop(fromS: number | null, toS?: number): void;
  /** Tells the tracker of a choice made outside the player, such as theatre. */
  setting(name: string, value: string | number | boolean): void;
  /** Calls back with the playhead, at most once per frame while it moves. Returns the way to stop. */
  onTime(listener: (positionS: number) => void): () => void;
  readonly positionS: number;
  readonly durationS: number;
  readonly paused: boolean;
}

export interface ViewBoxPlayerProps {
  /** URL of an HLS master playlist, or of a file the browser plays by itself. */
  src: string;
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
  autoPlay?: boolean;
  /** Key under which the position is remembered on this device; absent: never. */
  resumeKey?: string;
  /** URL of this page at a position; enables "share at …". */
  shareUrl?: (positionS: number) => string;
  onEnded?: () => void;
  handle?: Ref<PlayerHandle>;
  className?: string;
}
