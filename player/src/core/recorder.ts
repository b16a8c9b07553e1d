// From what a media element does to the events of one view (contract: events.md). Knows no DOM; time is injected.
import type { Clock } from "./clock";
import type { EndReason, EventBody, Health, JumpCause, Mode, Rendition, StallCause, ViewEvent } from "./events";
import { Jump } from "./jump";
import { MotionLine, STALL_MIN_MS } from "./motion";

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
}

/** Circumstances that split an interval when they change. */
export interface Conditions {
  visible: boolean;
  muted: boolean;
  mode: Mode;
}

export interface RecorderOptions {
  clock: Clock;
  read: () => MediaState;
  health: () => Health;
  conditions: Conditions;
  emit: (event: ViewEvent) => void;
}

type Phase =
  | { name: "resting" }
  | { name: "waiting"; sinceMs: number; fromS: number; starved: boolean; seenMs: number } // play asked, no frame moved yet
  | { name: "moving"; line: MotionLine }
  | { name: "stalled"; sinceMs: number; line: MotionLine; cause: StallCause; seenMs: number }
  | { name: "jumping"; seenMs: number } // a jump while playing; ends when frames move again
  | { name: "closed" };

interface OpenInterval {
  fromS: number;
  fromMs: number;
}

export const INTERVAL_MS = 10_000;
export const HEARTBEAT_MS = 10_000;
/** A longer gap between two looks, without the playhead having moved along, was the device asleep. */
export const SLEEP_MS = 30_000;
/** The playhead moved when it is this far from where it stood; decoders report tiny corrections while they wait. */
const MOVED_S = 0.005;
/** Farther than this beyond the last look, the playhead is not extrapolated. */
const EXTRAPOLATE_MS = 250;
/** The engine's own correction to the first frame's time, before anything was shown. */
const ENGINE_START_JUMP_S = 1;
const ANNOUNCED_JUMP_MS = 2000;
const MAX_T_MS = 86_400_000;
const MAX_POSITION_S = 604_800;

export class Recorder {
  readonly #o: RecorderOptions;
  readonly #startMs: number;
  #phase: Phase = { name: "resting" };
  #open: OpenInterval | null = null;
  #jump: Jump | null = null;
  #announced: { cause: JumpCause; fromS: number | null; ms: number } | null = null;
  #conditions: Conditions;
  #rendition: Rendition | null = null;
  #rate: number;
  #moved = false; // a frame has moved in this view
  #atEnd = false;
  #watchSinceMs: number | null = null; // the watch clock runs
  #restSinceMs: number;
  #nextHeartbeatMs = 0;
  #lookedMonoMs: number;
  #lookedWallMs: number;
  #seq = 0;
  #lastTMs = 0;
  #positionS = 0;

  constructor(options: RecorderOptions) {
    this.#o = options;
    this.#conditions = { ...options.conditions };
    this.#startMs = this.#restSinceMs = this.#lookedMonoMs = options.clock.monoMs();
    this.#lookedWallMs = options.clock.wallMs();
    this.#rate = options.read().rate;
    this.#emit({ type: "view_start", position_s: 0 }, this.#startMs);
  }

  get elapsedMs(): number {
    return this.#o.clock.monoMs() - this.#startMs;
  }

  get closed(): boolean {
    return this.#phase.name === "closed";
  }

  /** Whether `look` has to be called every 100 ms. */
  get needsLooks(): boolean {
    return !this.closed && (this.#watchSinceMs !== null || this.#jump !== null);
  }

  /** Since when nothing was asked to play; null while the watch clock runs. */
  get restingMs(): number | null {
    return this.#watchSinceMs === null ? this.#o.clock.monoMs() - this.#restSinceMs : null;
  }

  // -- what the element does ---------------------------------------------------------------------------------------

  play(): void {
    if (this.closed || this.#watchSinceMs !== null) return;
    const nowMs = this.#o.clock.monoMs();
    const media = this.#o.read();
    if (this.#jump?.settledMs != null) this.#tellJump();
    this.#watchSinceMs = nowMs;
    this.#nextHeartbeatMs = nowMs + HEARTBEAT_MS;
    this.#emit({ type: "play", position_s: this.#at(media) }, nowMs);
    this.#phase = this.#jump
      ? { name: "jumping", seenMs: nowMs }
      : { name: "waiting", sinceMs: nowMs, fromS: media.positionS, starved: !media.canMove, seenMs: nowMs };
  }

  /** A picture was presented at `ms` (requestVideoFrameCallback): the sharpest sign that playing began. False = too early. */
  frame(ms: number): boolean {
    const media = this.#o.read();
    if (this.#phase.name !== "waiting") return true;
    if (media.paused || media.seeking || !media.canMove) return false;
    this.#beginMoving(Math.max(ms, this.#phase.sinceMs), this.#phase.fromS);
    return true;
  }

  pause(): void {
    if (this.closed || this.#watchSinceMs === null) return;
    const media = this.#o.read();
    if (media.ended) return; // browsers fire `pause` just before `ended`
    const nowMs = this.#stopAt(media);
    this.#rest(nowMs);
    this.#emit({ type: "pause", position_s: this.#at(media) }, nowMs);
  }

  ended(): void {
    if (this.closed) return;
    const media = this.#o.read();
    const nowMs = this.#stopAt(media);
    this.#rest(nowMs);
    this.#atEnd = true;
    this.#emit({ type: "ended", position_s: this.#at(media) }, nowMs);
  }

  /** The next jump's cause, said before the playhead is moved. */
  announceJump(cause: JumpCause): void {
    const media = this.#o.read();
    const fromS = media.seeking ? null : media.positionS;
    this.#announced = { cause, fromS, ms: this.#o.clock.monoMs() };
  }

  seeking(): void {
    if (this.closed) return;
    const nowMs = this.#o.clock.monoMs();
    const media = this.#o.read();
    const toS = media.positionS; // browsers show the target while they seek
    const merges = this.#jump?.takes(nowMs) === true;
    if (this.#jump && merges) this.#jump.resumed = null; // the frames between two merged jumps are no `playing`
    const fromS = this.#leave(nowMs, media);
    const cause = this.#causeOf(fromS, toS, media, nowMs);
    if (this.#jump && merges) this.#jump.merge(toS, cause, nowMs);
    else {
      this.#tellJump();
      this.#jump = new Jump(fromS, toS, cause, nowMs);
    }
    this.#positionS = toS;
    this.#atEnd = false;
    if (this.#watchSinceMs !== null) this.#phase = { name: "jumping", seenMs: nowMs };
    else if (cause === "resume") this.#tellJump(); // nobody waits for it: it belongs before `play`
  }

  seeked(): void {
    const media = this.#o.read();
    if (this.closed || media.seeking) return;
    if (this.#phase.name === "jumping") this.#phase.seenMs = this.#o.clock.monoMs();
    else if (this.#jump?.settledMs === null) this.#jump.settle(this.#o.clock.monoMs(), media.positionS);
  }

  rateChanged(): void {
    const { rate } = this.#o.read();
    if (this.closed || rate === this.#rate || rate <= 0) return;
    this.#split(() => {
      this.#rate = rate;
      this.#emit({ type: "rate", rate: bounded(rate, 0.06, 16), position_s: this.#positionS });
    });
  }

  // -- what page, person and engine do -----------------------------------------------------------------------------

  /** Visibility, mute or mode changed. Each splits the interval; mute and mode are settings too. */
  change(change: Partial<Conditions>): void {
    const next = { ...this.#conditions, ...change };
    const before = this.#conditions;
    if (this.closed || (next.visible === before.visible && next.muted === before.muted && next.mode === before.mode))
      return;
    this.#split(() => {
      this.#conditions = next;
      if (next.muted !== before.muted) this.#setting("mute", next.muted);
      if (next.mode !== before.mode) this.#setting("mode", next.mode);
    });
  }

  setting(name: string, value: string | number | boolean): void {
    if (!this.closed) this.#setting(name, value);
  }

  rendition(rendition: Rendition): void {
    if (this.closed) return;
    const before = this.#rendition;
    if (before && before.height === rendition.height && before.bitrate_bps === rendition.bitrate_bps) return;
    this.#split(() => {
      this.#rendition = rendition;
      this.#emit({ type: "rendition", ...rendition, position_s: this.#positionS });
    });
  }

  error(fatal: boolean, code: string | null, message: string | null): void {
    if (this.closed) return;
    const media = this.#o.read();
    if (!fatal) {
      this.#emit({ type: "error", fatal, code, message, position_s: this.#at(media) });
      return;
    }
    const nowMs = this.#stopAt(media);
    this.#rest(nowMs);
    this.#emit({ type: "error", fatal, code, message, position_s: this.#at(media) }, nowMs);
  }

  /** The browser refused to start by itself. */
  autoplayBlocked(): void {
    if (this.closed) return;
    this.play(); // it was asked for: browsers fire no `play` for what they refuse
    const nowMs = this.#o.clock.monoMs();
    this.#rest(nowMs);
    this.#emit({ type: "autoplay_blocked", position_s: this.#at(this.#o.read()) }, nowMs);
  }

  end(reason: EndReason): void {
    if (this.closed) return;
    const media = this.#o.read();
    const nowMs = this.#stopAt(media);
    this.#rest(nowMs);
    this.#emit({ type: "view_end", reason, position_s: this.#at(media) }, nowMs);
    this.#phase = { name: "closed" };
  }

  // -- looks -------------------------------------------------------------------------------------------------------

  /** Every 100 ms, and at every event that says little by itself (timeupdate, playing, waiting). */
  look(): void {
    if (this.closed) return;
    const nowMs = this.#o.clock.monoMs();
    const media = this.#o.read();
    this.#noticeSleep(nowMs, media);
    if (!media.seeking) this.#follow(nowMs, media);
    const jump = this.#jump;
    if (jump && jump.settledMs !== null && !jump.takes(nowMs)) this.#tellJump();
    if (this.#open && nowMs - this.#open.fromMs >= INTERVAL_MS) this.#split(() => undefined);
    if (this.#watchSinceMs !== null && nowMs >= this.#nextHeartbeatMs) {
      this.#nextHeartbeatMs = Math.max(this.#nextHeartbeatMs + HEARTBEAT_MS, nowMs + HEARTBEAT_MS / 2);
      this.#emit({ type: "heartbeat", ...this.#o.health(), position_s: this.#at(media) }, nowMs);
    }
  }

  #follow(nowMs: number, media: MediaState): void {
    const phase = this.#phase;
    const s = media.positionS;
    switch (phase.name) {
      case "waiting":
        if (!media.canMove) phase.starved = true;
        if (!media.paused && s > phase.fromS + MOVED_S) {
          this.#beginMoving(this.#leftAt(nowMs, s - phase.fromS, phase.seenMs), phase.fromS);
          this.#follow(nowMs, media);
        } else phase.seenMs = nowMs;
        return;
      case "jumping": {
        const jump = this.#jump;
        const fromS = jump?.toS ?? s;
        if (!media.paused && s > fromS + MOVED_S) {
          this.#beginMoving(this.#leftAt(nowMs, s - fromS, phase.seenMs), fromS);
          this.#follow(nowMs, media);
        } else {
          if (jump && s < jump.toS) jump.toS = s;
          phase.seenMs = nowMs;
        }
        return;
      }
      case "moving":
        this.#positionS = s;
        if (phase.line.look(nowMs, s) >= STALL_MIN_MS && !media.ended) this.#beginStall(phase.line, media, nowMs);
        return;
      case "stalled":
        if (!media.canMove) phase.cause = "network";
        if (s > phase.line.s + MOVED_S) {
          this.#endStall(this.#leftAt(nowMs, s - phase.line.s, phase.seenMs));
          this.#follow(nowMs, media);
        } else phase.seenMs = nowMs;
        return;
    }
  }

  /** When the playhead left its place, given how far it has come: after the last look, not after this one. */
  #leftAt(nowMs: number, wayS: number, seenMs: number): number {
    return Math.min(nowMs, Math.max(seenMs, nowMs - (wayS / this.#rate) * 1000));
  }

  #beginMoving(ms: number, fromS: number): void {
    const phase = this.#phase;
    if (phase.name === "waiting" && this.#moved && phase.starved && ms - phase.sinceMs >= STALL_MIN_MS) {
      const wait_ms = Math.round(ms - phase.sinceMs);
      this.#emit({ type: "stall", wait_ms, cause: "network", position_s: fromS }, ms);
    }
    this.#positionS = fromS;
    this.#moved = true;
    this.#atEnd = false;
    if (this.#jump) {
      this.#jump.settle(ms, fromS);
      this.#jump.resumed = { ms, s: fromS };
    } else this.#emit({ type: "playing", position_s: fromS }, ms);
    this.#phase = { name: "moving", line: new MotionLine(ms, fromS, this.#rate) };
    this.#open = { fromS, fromMs: ms };
  }

  #beginStall(line: MotionLine, media: MediaState, nowMs: number): void {
    this.#close(line.s, line.ms);
    const cause = media.canMove ? "decode" : "network";
    this.#phase = { name: "stalled", sinceMs: line.ms, line, cause, seenMs: nowMs };
  }

  #endStall(ms: number): void {
    const phase = this.#phase;
    if (phase.name !== "stalled") return;
    this.#tellStall(ms);
    this.#emit({ type: "playing", position_s: phase.line.s }, ms);
    this.#phase = { name: "moving", line: new MotionLine(ms, phase.line.s, this.#rate) };
    this.#open = { fromS: phase.line.s, fromMs: ms };
  }

  #tellStall(endMs: number): void {
    const phase = this.#phase;
    if (phase.name !== "stalled") return;
    const wait_ms = Math.max(0, Math.round(endMs - phase.sinceMs));
    this.#emit({ type: "stall", wait_ms, cause: phase.cause, position_s: phase.line.s }, endMs);
  }

  /** Timers and media stood still together: nobody watched, so the gap belongs to no interval and is no stall. */
  #noticeSleep(nowMs: number, media: MediaState): void {
    const wallMs = this.#o.clock.wallMs();
    const monoGapMs = nowMs - this.#lookedMonoMs;
    const gapMs = Math.max(monoGapMs, wallMs - this.#lookedWallMs);
    this.#lookedMonoMs = nowMs;
    this.#lookedWallMs = wallMs;
    if (gapMs <= SLEEP_MS) return;
    const phase = this.#phase;
    if (phase.name === "moving" && !media.seeking) {
      if (phase.line.wayMs(media.positionS) > gapMs / 2) return; // timers slept, the video did not
      this.#close(phase.line.s, phase.line.ms);
      this.#phase = { name: "moving", line: new MotionLine(nowMs, media.positionS, this.#rate) };
      this.#open = { fromS: media.positionS, fromMs: nowMs };
    } else if (phase.name === "waiting" || phase.name === "stalled") {
      phase.sinceMs += monoGapMs;
    }
  }

  // -- endings of a stretch ----------------------------------------------------------------------------------------

  /** Closes whatever runs, at the place the media stopped at; returns now. */
  #stopAt(media: MediaState): number {
    const nowMs = this.#o.clock.monoMs();
    this.#noticeSleep(nowMs, media);
    if (!media.seeking) this.#follow(nowMs, media);
    this.#leave(nowMs, media);
    this.#tellJump();
    return nowMs;
  }

  /** Ends the running phase in time order: interval, stall. Returns the place the playhead left. */
  #leave(nowMs: number, media: MediaState): number {
    const phase = this.#phase;
    if (phase.name === "moving") {
      const announcedS =
        this.#announced && nowMs - this.#announced.ms < ANNOUNCED_JUMP_MS ? this.#announced.fromS : null;
      const s = media.seeking ? (announcedS ?? phase.line.expectedS(nowMs, EXTRAPOLATE_MS)) : media.positionS;
      const atS = Math.max(phase.line.s, Math.min(s, media.durationS ?? s));
      this.#close(atS, Math.min(nowMs, phase.line.ms + phase.line.wayMs(atS)));
      this.#positionS = atS;
      return atS;
    }
    if (phase.name === "stalled") {
      this.#tellStall(nowMs);
      this.#phase = { name: "resting" };
      return phase.line.s;
    }
    if (this.#announced?.fromS != null && media.seeking && !this.#jump) return this.#announced.fromS;
    return this.#positionS;
  }

  #rest(nowMs: number): void {
    this.#phase = { name: "resting" };
    this.#watchSinceMs = null;
    this.#restSinceMs = nowMs;
  }

  /** Closes the interval, lets `change` happen, and opens the next one at the same point. */
  #split(change: () => void): void {
    const nowMs = this.#o.clock.monoMs();
    const media = this.#o.read();
    if (this.#phase.name === "moving" && !media.seeking) this.#follow(nowMs, media);
    if (this.#phase.name !== "moving" || media.seeking) {
      change();
      return;
    }
    const { line } = this.#phase;
    const ms = Math.max(line.ms, this.#open?.fromMs ?? 0);
    this.#close(line.s, ms);
    change();
    this.#phase.line = new MotionLine(ms, line.s, this.#rate);
    this.#open = { fromS: line.s, fromMs: ms };
  }

  #close(toS: number, toMs: number): void {
    const open = this.#open;
    this.#open = null;
    if (!open) return;
    const wall_ms = Math.round(toMs - open.fromMs);
    if (wall_ms <= 0) return;
    const from_s = seconds(open.fromS);
    const to_s = Math.max(from_s, seconds(toS));
    const { visible, muted, mode } = this.#conditions;
    const { height = null, bitrate_bps = null } = this.#rendition ?? {};
    const rate = bounded(this.#rate, 0.06, 16);
    this.#emit(
      { type: "interval", from_s, to_s, rate, wall_ms, visible, muted, mode, height, bitrate_bps, position_s: to_s },
      toMs,
    );
  }

  #tellJump(): void {
    const jump = this.#jump;
    if (!jump) return;
    this.#jump = null;
    const nowMs = this.#o.clock.monoMs();
    const from_s = seconds(jump.fromS);
    const to_s = seconds(jump.toS);
    const wait_ms = jump.cause === "resume" && this.#watchSinceMs === null ? 0 : Math.round(jump.waitMs(nowMs));
    this.#stamp({ type: "seek", from_s, to_s, wait_ms, cause: jump.cause, position_s: to_s }, jump.settledMs ?? nowMs);
    if (jump.resumed) this.#stamp({ type: "playing", position_s: jump.resumed.s }, jump.resumed.ms);
  }

  #causeOf(fromS: number, toS: number, media: MediaState, nowMs: number): JumpCause {
    const announced = this.#announced;
    this.#announced = null;
    if (announced && nowMs - announced.ms < ANNOUNCED_JUMP_MS) return announced.cause;
    const fromEnd = media.durationS !== null && fromS >= media.durationS - 0.5;
    if (toS < 0.5 && ((media.loop && fromEnd) || this.#atEnd)) return "loop"; // a replay is no search
    if (!this.#moved && Math.abs(toS - fromS) <= ENGINE_START_JUMP_S) return "program";
    return "user";
  }

  // -- telling -----------------------------------------------------------------------------------------------------

  #setting(name: string, value: string | number | boolean): void {
    this.#emit({ type: "setting", name, value, position_s: this.#positionS });
  }

  #at(media: MediaState): number {
    if (!media.seeking) this.#positionS = media.positionS;
    return this.#positionS;
  }

  /** Emits now; a jump whose frames already move again is told first, so that order and time agree. */
  #emit(body: EventBody, atMs = this.#o.clock.monoMs()): void {
    if (this.#jump?.resumed) this.#tellJump();
    this.#stamp(body, atMs);
  }

  #stamp(body: EventBody, atMs: number): void {
    this.#lastTMs = Math.max(this.#lastTMs, bounded(Math.round(atMs - this.#startMs), 0, MAX_T_MS)); // never back in time
    const position_s = seconds(body.position_s);
    this.#o.emit({ ...body, position_s, seq: this.#seq++, t_ms: this.#lastTMs } as ViewEvent);
  }
}

function bounded(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** Milliseconds are as fine as anybody measures; NaN (no media yet) is the start. */
function seconds(value: number): number {
  return Number.isFinite(value) ? bounded(Math.round(value * 1000) / 1000, 0, MAX_POSITION_S) : 0;
}
