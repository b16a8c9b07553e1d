/** What a view is in the middle of. Numbers, since each is named in many places and a bundle carries them all. */
export type Phase = number;
export const RESTING = 0;
export const MOVING = 1;
/** Play is asked for, no frame has moved yet. */
export const WAITING = 2;
export const STALLED = 3;
/** A jump while playing; ends when frames move again. */
export const JUMPING = 4;

/** A stretch that still goes on. */
export interface OpenInterval {
  fromS: number;
  fromMs: number;
}
