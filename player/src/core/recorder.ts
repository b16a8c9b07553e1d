// From what a media element does to the events of one view (contract: events.md). Knows no DOM; time is injected.
import type { EndReason, EventType, FieldsOf, JumpCause, Rendition, ViewEvent } from "./events";
import { watchGaps } from "./gap_watch";
import { type Jump, seekFields, takesNext, waitedMs } from "./jump";
import { likelyCause } from "./jump_cause";
import type { Conditions, MediaState, RecorderOptions } from "./media_state";
import { expectedS, look as lookAt, STALL_MIN_MS, wayMs } from "./motion";
import { bounded, knownRate, seconds } from "./numbers";
import { intervalFields, leftAtMs, type OpenInterval, type Phase } from "./phase";

export const INTERVAL_MS = 10_000;
export const HEARTBEAT_MS = 10_000;
/** Fine enough to find a standstill of `STALL_MIN_MS`. */
export const LOOK_MS = 100;
const WAITING_LOOK_MS = 25;
const MAX_T_MS = 86_400_000;
/** The playhead moved when it is this far from where it stood; decoders report tiny corrections while they wait. */
const MOVED_S = 0.005;
/**
 * A drawn picture is announced this soon after the playhead left; otherwise there is none, as in a covered window.
 * After a stall the playhead runs ahead and waits, and has found its pace by then.
 */
const PATIENCE_S = 0.25;
/** Farther than this beyond the last look, the playhead is not extrapolated. */
const EXTRAPOLATE_MS = 250;
/** Longer ago, an announcement belongs to a jump that never came. */
const ANNOUNCED_MS = 2000;

export type Recorder = ReturnType<typeof createRecorder>;

/** One view's recorder: told what the element does, it hands out events with `seq` and `t_ms`, in order. */
export function createRecorder({ clock, read, health, conditions, emit: handOut }: RecorderOptions) {
  const now = clock.monoMs;
  const startMs = now();
  const gapSinceLook = watchGaps(clock);
  let phase: Phase = { name: "resting" };
  let open: OpenInterval | null = null;
  let jump: Jump | null = null;
  let announced: { cause: JumpCause; fromS: number | null; ms: number } | null = null;
  let shown: Rendition | null = null;
  let { rate, positionS } = read();
  let seq = 0;
  let lastTMs = 0;
  let watching = false; // the watch clock: from `play` to pause, end, refusal, fatal error or the view's end
  let nextBeatMs = 0;
  let over = false; // the view has ended: what still happens is nobody's
  let moved = false; // a frame has moved in this view
  let pictureMs = 0; // the last picture that nothing was known to follow
  let atEnd = false;
  let starvedMs = Number.NEGATIVE_INFINITY; // when data was last seen missing

  /** Gives an event its stamp: no gaps, never back in time, within the contract's bounds. */
  function write<T extends EventType>(type: T, fields: FieldsOf<T>, atMs: number, atS: number): void {
    if (over) return;
    lastTMs = Math.max(lastTMs, bounded(Math.round(atMs - startMs), 0, MAX_T_MS));
    handOut({ type, ...fields, position_s: seconds(atS), seq: seq++, t_ms: lastTMs } as unknown as ViewEvent);
  }

  /** Emits now; what ended before, an interval or a jump whose frames already move again, is told first. */
  function emit<T extends EventType>(type: T, fields: FieldsOf<T>, atMs = now(), atS = here()): void {
    if (phase.name === "stalled" && type !== "interval") close(phase.fromS, phase.sinceMs);
    if (jump?.resumed) tellJump();
    write(type, fields, atMs, atS);
  }

  function here(): number {
    const media = read();
    if (!media.seeking) positionS = media.positionS;
    return positionS;
  }

  // -- what the element does ---------------------------------------------------------------------------------------

  function play(): void {
    if (watching) return;
    const nowMs = now();
    const media = read();
    if (jump && jump.settledMs !== null) tellJump();
    watching = true;
    nextBeatMs = nowMs + HEARTBEAT_MS;
    emit("play", {}, nowMs);
    phase = jump
      ? { name: "jumping", seenMs: nowMs }
      : { name: "waiting", sinceMs: nowMs, fromS: media.positionS, starved: !media.canMove, seenMs: nowMs };
  }

  /** A picture was presented at `ms` (requestVideoFrameCallback): the sharpest sign that playing began. False = too early. */
  function frame(ms: number): boolean {
    const media = read();
    if (phase.name !== "waiting") return true;
    if (media.paused || media.seeking) return false;
    if (!media.canMove) {
      pictureMs = ms; // the first of those that move, or a still one: the next tells
      return false;
    }
    const firstMs = ms - pictureMs < STALL_MIN_MS ? pictureMs : ms;
    beginMoving(Math.max(firstMs, phase.sinceMs), phase.fromS);
    return true;
  }

  function pause(): void {
    // Browsers fire `pause` just before `ended`.
    if (watching && !read().ended) stop("pause", {});
  }

  function ended(): void {
    stop("ended", {});
    atEnd = true;
  }

  /** The next jump's cause, said before the playhead is moved. */
  function announceJump(cause: JumpCause): void {
    const media = read();
    announced = { cause, fromS: media.seeking ? null : media.positionS, ms: now() };
  }

  function announcement() {
    return announced && now() - announced.ms < ANNOUNCED_MS ? announced : null;
  }

  function seeking(): void {
    const nowMs = now();
    const media = read();
    const toS = media.positionS; // browsers show the target while they seek
    const merging = jump && takesNext(jump, nowMs) ? jump : null;
    if (merging) merging.resumed = null; // the frames between two merged jumps are no `playing`
    const fromS = leave(nowMs, media);
    const said = announcement();
    const cause = said ? said.cause : likelyCause(fromS, toS, media, { moved, atEnd });
    announced = null;
    if (!merging) tellJump();
    jump = {
      fromS: merging ? merging.fromS : fromS,
      toS,
      cause,
      startedMs: nowMs,
      waitedMs: merging ? waitedMs(merging, nowMs) : 0,
      settledMs: null,
      resumed: null,
    };
    positionS = toS;
    atEnd = false;
    if (watching) phase = { name: "jumping", seenMs: nowMs };
    else if (cause === "resume") tellJump(); // nobody waits for it: it belongs before `play`
  }

  function seeked(): void {
    const media = read();
    if (media.seeking) return;
    if (phase.name === "jumping") phase.seenMs = now();
    else if (jump && jump.settledMs === null) settle(jump, now(), media.positionS);
  }

  function rateChanged(): void {
    const next = read().rate;
    if (next === rate || next <= 0) return;
    split(() => {
      rate = next;
      emit("rate", { rate: knownRate(next) });
    });
  }

  // -- what page, person and engine do -----------------------------------------------------------------------------

  /** Visibility, mute or mode changed. Each splits the interval; mute and mode are settings too. */
  function change(next: Conditions): void {
    const { visible, muted, mode } = conditions;
    if (next.visible === visible && next.muted === muted && next.mode === mode) return;
    split(() => {
      conditions = next;
      if (next.muted !== muted) setting("mute", next.muted);
      if (next.mode !== mode) setting("mode", next.mode);
    });
  }

  function setting(name: string, value: string | number | boolean): void {
    emit("setting", { name, value });
  }

  function rendition(next: Rendition): void {
    if (shown && shown.height === next.height && shown.bitrate_bps === next.bitrate_bps) return;
    split(() => {
      shown = next;
      emit("rendition", next);
    });
  }

  function error(fatal: boolean, code: string | null, message: string | null): void {
    if (fatal) stop("error", { fatal, code, message });
    else emit("error", { fatal, code, message });
  }

  /** The browser refused to start by itself. */
  function autoplayBlocked(): void {
    play(); // it was asked for: browsers fire no `play` for what they refuse
    rest();
    emit("autoplay_blocked", {});
  }

  function end(reason: EndReason): void {
    stop("view_end", { reason });
    over = true;
  }

  /** Every 100 ms, and at every event that says little by itself (timeupdate, playing, waiting). */
  function look(): void {
    const nowMs = now();
    const media = read();
    noticeSleep(nowMs, media);
    if (!media.seeking) follow(nowMs, media);
    if (jump && jump.settledMs !== null && !takesNext(jump, nowMs)) tellJump();
    if (phase.name === "moving" && open && nowMs - open.fromMs >= INTERVAL_MS) split();
    if (watching && nowMs >= nextBeatMs) {
      nextBeatMs = Math.max(nextBeatMs + HEARTBEAT_MS, nowMs + HEARTBEAT_MS / 2); // missed ones are not made up for
      emit("heartbeat", health(), nowMs);
    }
  }

  /** `hurry`: what runs is about to be told, so a stall that has just ended cannot be looked at any longer. */
  function follow(nowMs: number, media: MediaState, hurry = false): void {
    const s = media.positionS;
    if (phase.name === "moving") {
      const { line } = phase;
      positionS = s;
      if (!media.canMove) starvedMs = nowMs;
      if (lookAt(line, nowMs, s) < STALL_MIN_MS || media.ended) return;
      const cause = starvedMs >= line.ms ? "network" : "decode";
      phase = { name: "stalled", sinceMs: line.ms, fromS: line.s, cause, seenMs: line.seenMs };
      if (s > line.s + MOVED_S) follow(nowMs, media); // over already
    } else if (phase.name !== "resting") {
      const fromS = phase.name !== "jumping" ? phase.fromS : (jump?.toS ?? s);
      if (!media.canMove) {
        if (phase.name === "waiting") phase.starved = true;
        if (phase.name === "stalled") phase.cause = "network";
      }
      const mayMove = !media.paused || (hurry && phase.name === "stalled"); // it moved before it was paused
      if (!mayMove || s <= fromS + MOVED_S) {
        if (phase.name === "jumping" && jump && s < jump.toS) jump.toS = s;
        phase.seenMs = nowMs;
        return;
      }
      const isNear = s < fromS + PATIENCE_S * rate;
      // A start is dated by `frame`, which knows better; the end of a stall by the pace that the playhead finds.
      if (isNear && (phase.name === "stalled" ? !hurry : phase.name === "waiting" && media.drawsFrames)) return;
      const wayS = (s - fromS) / rate;
      if (phase.name === "stalled") {
        const endMs = Math.max(phase.sinceMs, nowMs - wayS * 1000);
        if (endMs - phase.sinceMs < STALL_MIN_MS) goOn(phase.sinceMs, fromS);
        else beginMoving(endMs, fromS);
      } else beginMoving(leftAtMs(nowMs, wayS, phase.seenMs), fromS);
      follow(nowMs, media);
    }
  }

  function beginMoving(ms: number, fromS: number): void {
    if (phase.name === "stalled") tellStall(ms);
    else if (phase.name === "waiting" && moved && phase.starved && ms - phase.sinceMs >= STALL_MIN_MS) {
      emit("stall", { wait_ms: Math.round(ms - phase.sinceMs), cause: "network" }, ms, fromS);
    }
    positionS = fromS;
    moved = true;
    atEnd = false;
    if (jump) {
      settle(jump, ms, fromS);
      jump.resumed = { ms, s: fromS };
    } else emit("playing", {}, ms, fromS);
    move(ms, fromS);
  }

  function move(ms: number, s: number): void {
    phase = { name: "moving", line: { ms, s, seenMs: ms, rate } };
    open = { fromS: s, fromMs: ms };
  }

  /** No time was lost after all: `currentTime` had been told late, as browsers do after a busy moment. */
  function goOn(ms: number, s: number): void {
    const before = open;
    move(ms, s);
    open = before ?? open;
  }

  function tellStall(endMs: number): void {
    if (phase.name !== "stalled") return;
    const wait_ms = Math.max(0, Math.round(endMs - phase.sinceMs));
    emit("stall", { wait_ms, cause: phase.cause }, endMs, phase.fromS);
  }

  /** Timers and media stood still together: nobody watched, so the gap belongs to no interval and is no stall. */
  function noticeSleep(nowMs: number, media: MediaState): void {
    const gap = gapSinceLook();
    if (!gap) return;
    if (phase.name === "moving" && !media.seeking) {
      const { line } = phase;
      if (wayMs(line, media.positionS) > gap.gapMs / 2) return; // timers slept, the video did not
      close(line.s, line.ms);
      move(nowMs, media.positionS);
    } else if (phase.name === "waiting" || phase.name === "stalled") {
      if (phase.name === "stalled") close(phase.fromS, phase.sinceMs);
      phase.sinceMs += gap.monoMs;
    }
  }

  /** Closes whatever runs, at the place the media stopped at, and tells why. */
  function stop<T extends EventType>(type: T, fields: FieldsOf<T>): void {
    const nowMs = now();
    const media = read();
    noticeSleep(nowMs, media);
    if (!media.seeking) follow(nowMs, media, true);
    leave(nowMs, media);
    tellJump();
    rest();
    emit(type, fields, nowMs);
  }

  /** Ends the running phase in time order: interval, stall. Returns the place the playhead left. */
  function leave(nowMs: number, media: MediaState): number {
    const fromS = media.seeking ? (announcement()?.fromS ?? null) : null;
    if (phase.name === "moving") {
      const { line } = phase;
      const s = media.seeking ? (fromS ?? expectedS(line, nowMs, EXTRAPOLATE_MS)) : media.positionS;
      positionS = Math.max(line.s, Math.min(s, media.durationS ?? s));
      close(positionS, Math.min(nowMs, line.ms + wayMs(line, positionS)));
      return positionS;
    }
    if (phase.name === "stalled") {
      const stoodAtS = phase.fromS;
      tellStall(nowMs);
      phase = { name: "resting" };
      return stoodAtS;
    }
    return (!jump && fromS) || positionS;
  }

  function rest(): void {
    phase = { name: "resting" };
    watching = false;
  }

  /** Closes the interval, lets `change` happen, and opens the next one at the same point. */
  function split(change?: () => void): void {
    const nowMs = now();
    const media = read();
    if (!media.seeking && (phase.name === "moving" || phase.name === "stalled")) follow(nowMs, media, true);
    if (phase.name !== "moving" || media.seeking) {
      if (phase.name === "stalled") close(phase.fromS, phase.sinceMs);
      change?.();
      return;
    }
    const { line } = phase;
    const ms = Math.max(line.ms, open?.fromMs ?? 0);
    close(line.s, ms);
    change?.();
    move(ms, line.s);
  }

  function close(toS: number, toMs: number): void {
    const fields = open && intervalFields(open, toS, toMs, rate, conditions, shown);
    open = null;
    if (fields && fields.wall_ms > 0) emit("interval", fields, toMs, fields.to_s);
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
    write("seek", seekFields(told, nowMs, watching), told.settledMs ?? nowMs, told.toS);
    if (told.resumed) write("playing", {}, told.resumed.ms, told.resumed.s);
  }

  emit("view_start", {}, startMs);

  return {
    get elapsedMs() {
      return now() - startMs;
    },
    get closed() {
      return over;
    },
    /** How often `look` has to be called, in ms; null = not at all. A start is dated by looks, so a standing playhead gets more. */
    get paceMs() {
      if (over || (!watching && !jump)) return null;
      return phase.name === "moving" || phase.name === "resting" ? LOOK_MS : WAITING_LOOK_MS;
    },
    play,
    frame,
    pause,
    ended,
    announceJump,
    seeking,
    seeked,
    rateChanged,
    change,
    setting,
    rendition,
    error,
    autoplayBlocked,
    end,
    look,
  };
}
