// Where the playhead is and what it does: starts, moves, stalls, jumps. From looks and media events to events of a view.
import type { EventType, FieldsOf, JumpCause } from "./events";
import { watchGaps } from "./gap_watch";
import { type Jump, seekFields, takesNext, waitedMs } from "./jump";
import { likelyCause } from "./jump_cause";
import { type Conditions, canMove, type RecorderOptions } from "./media_state";
import { expectedS, look as lookAt, type MotionLine, STALL_MIN_MS, wayMs } from "./motion";
import { knownRate, seconds } from "./numbers";
import { JUMPING, MOVING, type OpenInterval, type Phase, RESTING, STALLED, WAITING } from "./phase";

export const INTERVAL_MS = 10_000;
/** Fine enough to find a standstill of `STALL_MIN_MS`. */
export const LOOK_MS = 100;
export const WAITING_LOOK_MS = 25;
/** The playhead moved when it is this far from where it stood; decoders report tiny corrections while they wait. */
export const MOVED_S = 0.005;
/**
 * A drawn picture is announced this soon after the playhead left; otherwise there is none, as in a covered window.
 * After a stall the playhead runs ahead and waits, and has found its pace by then.
 */
export const PATIENCE_S = 0.25;
/** Farther than this beyond the last look, the playhead is not extrapolated. */
export const EXTRAPOLATE_MS = 250;
/** Longer ago, an announcement belongs to a jump that never came. */
export const ANNOUNCED_MS = 2000;

/** What the playhead knows of an event. */
export type Told<T extends EventType> = Omit<FieldsOf<T>, keyof Conditions | "height" | "bitrate_bps">;

export interface PlayheadOptions extends Pick<RecorderOptions, "clock" | "media" | "drawsFrames"> {
  /** Takes an event that happened at `atMs`, with the playhead at `atS`; an interval without its circumstances. */
  write<T extends EventType>(type: T, fields: Told<T>, atMs: number, atS: number): void;
}

export function createPlayhead({ clock, media, drawsFrames, write }: PlayheadOptions) {
  const now = clock.monoMs;
  const gapSinceLook = watchGaps(clock);
  let rate = media.playbackRate;
  let phase: Phase = RESTING;
  let at: MotionLine = line(0, 0); // the line that is followed while it moves; else where it stands, and since when
  let starved = false; // data is, or was, missing where it stands
  let open: OpenInterval | null = null;
  let jump: Jump | null = null;
  let announced: { cause: JumpCause; fromS: number | null; ms: number } | null = null;
  let positionS = media.currentTime;
  let watching = false; // the watch clock: from `play` to pause, end, refusal, fatal error or the view's end
  let moved = false; // a frame has moved in this view
  let pictureMs = 0; // the last picture that nothing was known to follow
  let atEnd = false;
  let starvedMs = -1; // when data was last seen missing

  /** Emits now; what ended before, an interval or a jump whose frames already move again, is told first. */
  function emit<T extends EventType>(type: T, fields: Told<T>, atMs = now(), atS = here()): void {
    if (phase === STALLED && type !== "interval") close(at.s, at.ms);
    if (jump?.resumed) tellJump();
    write(type, fields, atMs, atS);
  }

  function here(): number {
    if (!media.seeking) positionS = media.currentTime;
    return positionS;
  }

  /** When what is seen now came to be seen. While `playing` waits to be dated by a picture, nothing may be dated after it. */
  function seenSinceMs(): number {
    const nowMs = now();
    return phase === WAITING && nowMs - pictureMs < STALL_MIN_MS ? Math.max(pictureMs, at.ms) : nowMs;
  }

  function line(ms: number, s: number): MotionLine {
    return { ms, s, seenMs: ms, rate };
  }

  // -- what the element does ---------------------------------------------------------------------------------------

  function play(atMs = now()): void {
    if (watching) return;
    if (jump?.settledMs) tellJump();
    watching = true;
    emit("play", {}, atMs);
    starved = !canMove(media);
    at = line(atMs, jump ? jump.toS : media.currentTime);
    phase = jump ? JUMPING : WAITING;
  }

  /** A picture was presented at `ms` (requestVideoFrameCallback): the sharpest sign that playing began. False = too early. */
  function frame(ms: number): boolean {
    if (phase !== WAITING) return true;
    if (media.paused || media.seeking) return false;
    if (!canMove(media)) {
      pictureMs = ms; // the first of those that move, or a still one: the next tells
      return false;
    }
    const firstMs = ms - pictureMs < STALL_MIN_MS ? pictureMs : ms;
    beginMoving(Math.max(firstMs, at.ms));
    return true;
  }

  function pause(): void {
    // Browsers fire `pause` just before `ended`.
    if (watching && !media.ended) stop("pause", {});
  }

  function ended(): void {
    stop("ended", {});
    atEnd = true;
  }

  /** The next jump's cause, said before the playhead is moved. */
  function announceJump(cause: JumpCause): void {
    announced = { cause, fromS: media.seeking ? null : media.currentTime, ms: now() };
  }

  function announcement() {
    return announced && now() - announced.ms < ANNOUNCED_MS ? announced : null;
  }

  function seeking(): void {
    const nowMs = now();
    const toS = media.currentTime; // browsers show the target while they seek
    const merging = jump && takesNext(jump, nowMs) ? jump : null;
    if (merging) merging.resumed = false; // the frames between two merged jumps are no `playing`
    const fromS = leave(nowMs);
    const cause = announcement()?.cause ?? likelyCause(fromS, toS, media, moved, atEnd);
    announced = null;
    if (!merging) tellJump();
    jump = {
      fromS: merging ? merging.fromS : fromS,
      toS,
      cause,
      startedMs: nowMs,
      waitedMs: merging ? waitedMs(merging, nowMs) : 0,
      settledMs: 0,
      resumed: false,
    };
    positionS = toS;
    atEnd = false;
    if (watching) {
      at = line(nowMs, toS);
      phase = JUMPING;
    } else if (cause === "resume") tellJump(); // nobody waits for it: it belongs before `play`
  }

  function seeked(): void {
    if (media.seeking) return;
    if (phase === JUMPING) at.seenMs = now();
    else if (jump && !jump.settledMs) settle(jump, now(), media.currentTime);
  }

  function ratechange(): void {
    const next = media.playbackRate;
    if (next === rate || next <= 0) return;
    split(() => {
      rate = next;
      emit("rate", { rate: knownRate(next) });
    });
  }

  /** The browser refused to start by itself. */
  function autoplayBlocked(): void {
    play(); // it was asked for: browsers fire no `play` for what they refuse
    rest();
    emit("autoplay_blocked", {});
  }

  /** Every 100 ms, and at every event that says little by itself (timeupdate, playing, waiting). */
  function look(): void {
    const nowMs = now();
    noticeSleep(nowMs);
    if (!media.seeking) follow(nowMs);
    if (jump?.settledMs && !takesNext(jump, nowMs)) tellJump();
    if (phase === MOVING && open && nowMs - open.fromMs >= INTERVAL_MS) split();
  }

  /** `hurry`: what runs is about to be told, so a stall that has just ended cannot be looked at any longer. */
  function follow(nowMs: number, hurry = false): void {
    const s = media.currentTime;
    if (phase === MOVING) {
      positionS = s;
      if (!canMove(media)) starvedMs = nowMs;
      if (lookAt(at, nowMs, s) < STALL_MIN_MS || media.ended) return;
      starved = starvedMs >= at.ms;
      phase = STALLED;
      if (s > at.s + MOVED_S) follow(nowMs); // over already
    } else if (phase !== RESTING) {
      const stalled = phase === STALLED;
      if (!canMove(media)) starved = true;
      const mayMove = !media.paused || (hurry && stalled); // it moved before it was paused
      if (!mayMove || s <= at.s + MOVED_S) {
        if (phase === JUMPING && jump && s < at.s) at.s = jump.toS = s;
        at.seenMs = nowMs;
        return;
      }
      const wayS = (s - at.s) / rate;
      // A start is dated by `frame`, which knows better; the end of a stall by the pace that the playhead finds.
      if (wayS < PATIENCE_S && (stalled ? !hurry : phase === WAITING && drawsFrames())) return;
      // It left its place after the last look that saw it stand.
      const leftMs = Math.max(stalled ? at.ms : Math.min(at.seenMs, nowMs), nowMs - wayS * 1000);
      if (stalled && leftMs - at.ms < STALL_MIN_MS) move(at.ms, at.s, open);
      else beginMoving(leftMs);
      follow(nowMs);
    }
  }

  function beginMoving(ms: number): void {
    const { s } = at;
    if (phase === STALLED || (phase === WAITING && moved && starved && ms - at.ms >= STALL_MIN_MS)) tellStall(ms);
    positionS = s;
    moved = true;
    atEnd = false;
    if (jump) {
      settle(jump, ms, s);
      jump.resumed = true;
    } else emit("playing", {}, ms, s);
    move(ms, s);
  }

  /** `before`: the interval goes on. `currentTime` had been told late, as browsers do after a busy moment. */
  function move(ms: number, s: number, before: OpenInterval | null = null): void {
    phase = MOVING;
    at = line(ms, s);
    open = before ?? { fromS: s, fromMs: ms };
  }

  function tellStall(endMs: number): void {
    const wait_ms = Math.max(0, Math.round(endMs - at.ms));
    emit("stall", { wait_ms, cause: starved ? "network" : "decode" }, endMs, at.s);
  }

  /** Timers and media stood still together: nobody watched, so the gap belongs to no interval and is no stall. */
  function noticeSleep(nowMs: number): void {
    const gap = gapSinceLook();
    if (!gap) return;
    if (phase === MOVING && !media.seeking) {
      if (wayMs(at, media.currentTime) > gap.gapMs / 2) return; // timers slept, the video did not
      close(at.s, at.ms);
      move(nowMs, media.currentTime);
    } else if (phase === WAITING || phase === STALLED) {
      if (phase === STALLED) close(at.s, at.ms);
      at.ms += gap.monoMs;
    }
  }

  /** Closes whatever runs, at the place the media stopped at, and tells why. */
  function stop<T extends EventType>(type: T, fields: Told<T>): void {
    const nowMs = now();
    noticeSleep(nowMs);
    if (!media.seeking) follow(nowMs, true);
    leave(nowMs);
    tellJump();
    rest();
    emit(type, fields, nowMs);
  }

  /** Ends the running phase in time order: interval, stall. Returns the place the playhead left. */
  function leave(nowMs: number): number {
    const { seeking, currentTime, duration } = media;
    const fromS = seeking ? announcement()?.fromS : null;
    if (phase === MOVING) {
      const s = seeking ? (fromS ?? expectedS(at, nowMs, EXTRAPOLATE_MS)) : currentTime;
      positionS = Math.max(at.s, Math.min(s, duration || s));
      close(positionS, Math.min(nowMs, at.ms + wayMs(at, positionS)));
      return positionS;
    }
    if (phase === STALLED) {
      tellStall(nowMs);
      phase = RESTING;
      return at.s;
    }
    return (!jump && fromS) || positionS;
  }

  function rest(): void {
    phase = RESTING;
    watching = false;
  }

  /** Closes the interval, lets `change` happen, and opens the next one at the same point. */
  function split(change?: () => void): void {
    if (!media.seeking && (phase === MOVING || phase === STALLED)) follow(now(), true);
    if (phase === MOVING && !media.seeking) {
      const { s } = at;
      const ms = Math.max(at.ms, open?.fromMs ?? 0);
      close(s, ms);
      change?.();
      move(ms, s);
    } else {
      if (phase === STALLED) close(at.s, at.ms);
      change?.();
    }
  }

  function close(toS: number, toMs: number): void {
    const from = open;
    open = null;
    if (!from) return;
    const from_s = seconds(from.fromS);
    const to_s = Math.max(from_s, seconds(toS));
    const wall_ms = Math.round(toMs - from.fromMs);
    if (wall_ms > 0) emit("interval", { from_s, to_s, rate: knownRate(rate), wall_ms }, toMs, to_s);
  }

  function settle(settled: Jump, ms: number, s: number): void {
    settled.settledMs = ms;
    settled.toS = s;
  }

  function tellJump(): void {
    const told = jump;
    if (!told) return;
    jump = null;
    const nowMs = now();
    write("seek", seekFields(told, nowMs, watching), told.settledMs || nowMs, told.toS);
    if (told.resumed) write("playing", {}, told.settledMs, told.toS);
  }

  return {
    get watching() {
      return watching;
    },
    /** How often `look` has to be called, in ms; 0 = not at all. A start is dated by looks, so a standing playhead gets more. */
    get paceMs() {
      if (!watching && !jump) return 0;
      return phase > MOVING ? WAITING_LOOK_MS : LOOK_MS;
    },
    emit,
    seenSinceMs,
    split,
    stop,
    play,
    frame,
    pause,
    ended,
    announceJump,
    seeking,
    seeked,
    ratechange,
    autoplayBlocked,
    look,
  };
}
