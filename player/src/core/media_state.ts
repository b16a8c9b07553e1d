import type { Clock } from "./clock";
import type { Health, Mode, ViewEvent } from "./events";

/** What is read of a media element at one instant; every HTMLMediaElement says it. */
export interface MediaState {
  readonly currentTime: number;
  readonly duration: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly seeking: boolean;
  readonly loop: boolean;
  readonly playbackRate: number;
  readonly readyState: number;
}

/** Circumstances that split an interval when they change. */
export interface Conditions {
  visible: boolean;
  muted: boolean;
  mode: Mode;
}

/** What a recorder needs of the world. */
export interface RecorderOptions {
  clock: Clock;
  media: MediaState;
  /** Pictures are on the screen, and each new one is announced (`Recorder.frame`). */
  drawsFrames: () => boolean;
  health: () => Health;
  conditions: Conditions;
  emit: (event: ViewEvent) => void;
}

const HAVE_FUTURE_DATA = 3;

/** Data for more than the current frame is there. */
export function canMove({ readyState }: MediaState): boolean {
  return readyState >= HAVE_FUTURE_DATA;
}
