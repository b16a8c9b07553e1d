import type { Clock } from "./clock";
import type { Health, Mode, ViewEvent } from "./events";

/** What the element says at one instant. */
export interface MediaState {
  positionS: number;
  durationS: number | null;
  paused: boolean;
  ended: boolean;
  seeking: boolean;
  loop: boolean;
  rate: number;
  /** Data for more than the current frame is there (`readyState >= HAVE_FUTURE_DATA`). */
  canMove: boolean;
  /** Pictures are on the screen, and each new one is announced (`Recorder.frame`). */
  drawsFrames: boolean;
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
  read: () => MediaState;
  health: () => Health;
  conditions: Conditions;
  emit: (event: ViewEvent) => void;
}
