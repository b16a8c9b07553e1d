// From what a media element does to the events of one view (contract: events.md). Knows no DOM; time is injected.
import { EventLog, knownRate } from "./event_log";
import type { EndReason, EventBody, JumpCause, Rendition } from "./events";
import { GapWatch } from "./gap_watch";
import { Jump } from "./jump";
import { JumpCauses } from "./jump_cause";
import type { Conditions, MediaState, RecorderOptions } from "./media_state";
import { MotionLine, STALL_MIN_MS } from "./motion";
import { intervalOf, leftAtMs, type OpenInterval, type Phase } from "./phase";
import { WatchClock } from "./watch_clock";

export const INTERVAL_MS = 10_000;
/** Fine enough to find a standstill of `STALL_MIN_MS`. */
export const LOOK_MS = 100;
const WAITING_LOOK_MS = 25;
/** The playhead moved when it is this far from where it stood; decoders report tiny corrections while they wait. */
const MOVED_S = 0.005;
/** A drawn picture is announced this soon after the playhead left; otherwise there is none, as in a covered window. */
const FRAME_PATIENCE_S = 0.25;
/** Farther than this beyond the last look, the playhead is not extrapolated. */
const EXTRAPOLATE_MS = 250;

export class Recorder {
  readonly #o: RecorderOptions;
  readonly #startMs: number;
  readonly #log: EventLog;
  readonly #gaps: GapWatch;
  readonly #causes: JumpCauses;
  readonly #watch = new WatchClock();
  #phase: Phase = { name: "resting" };
  #open: OpenInterval | null = null;
  #jump: Jump | null = null;
  #conditions: Conditions;
  #rendition: Rendition | null = null;
  #rate: number;
  #moved = false; // a frame has moved in this view
  #atEnd = false;
  #starvedMs = Number.NEGATIVE_INFINITY; // when data was last seen missing
  #positionS: number;

  constructor(options: RecorderOptions) {
    this.#o = options;
    this.#conditions = { ...options.conditions };
    this.#startMs = options.clock.monoMs();
    this.#log = new EventLog(this.#startMs, options.emit);
    this.#gaps = new GapWatch(options.clock);
    this.#causes = new JumpCauses(options.clock);
    const { rate, positionS } = options.read();
    this.#rate = rate;
    this.#positionS = positionS;
    this.#emit({ type: "view_start", position_s: positionS }, this.#startMs);
  }

  get elapsedMs(): number {
    return this.#o.clock.monoMs() - this.#startMs;
  }

  get closed(): boolean {
    return this.#phase.name === "closed";
  }

  /** How often `look` has to be called, in ms; null = not at all. A start is dated by looks, so a standing playhead gets more. */
  get paceMs(): number | null {
    if (this.closed || (!this.#watch.runs && this.#jump === null)) return null;
    return this.#phase.name === "moving" || this.#phase.name === "resting" ? LOOK_MS : WAITING_LOOK_MS;
  }

  // -- what the element does ---------------------------------------------------------------------------------------

  play(): void {
    if (this.closed || this.#watch.runs) return;
    const nowMs = this.#o.clock.monoMs();
    const media = this.#o.read();
    if (this.#jump?.settledMs != null) this.#tellJump();
    this.#watch.start(nowMs);
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
    if (this.closed || !this.#watch.runs) return;
    const media = this.#o.read();
    if (media.ended) return; // browsers fire `pause` just before `ended`
    const nowMs = this.#stopAt(media);
    this.#rest();
    this.#emit({ type: "pause", position_s: this.#at(media) }, nowMs);
  }

  ended(): void {
    if (this.closed) return;
    const media = this.#o.read();
    const nowMs = this.#stopAt(media);
    this.#rest();
    this.#atEnd = true;
    this.#emit({ type: "ended", position_s: this.#at(media) }, nowMs);
  }

  /** The next jump's cause, said before the playhead is moved. */
  announceJump(cause: JumpCause): void {
    this.#causes.announce(cause, this.#o.read());
  }

  seeking(): void {
    if (this.closed) return;
    const nowMs = this.#o.clock.monoMs();
    const media = this.#o.read();
    const toS = media.positionS; // browsers show the target while they seek
    const merges = this.#jump?.takes(nowMs) === true;
    if (this.#jump && merges) this.#jump.resumed = null; // the frames between two merged jumps are no `playing`
    const fromS = this.#leave(nowMs, media);
    const cause = this.#causes.take(fromS, toS, media, { moved: this.#moved, atEnd: this.#atEnd });
    if (this.#jump && merges) this.#jump.merge(toS, cause, nowMs);
    else {
      this.#tellJump();
      this.#jump = new Jump(fromS, toS, cause, nowMs);
    }
    this.#positionS = toS;
    this.#atEnd = false;
    if (this.#watch.runs) this.#phase = { name: "jumping", seenMs: nowMs };
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
      this.#emit({ type: "rate", rate: knownRate(rate), position_s: this.#positionS });
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
      if (next.muted !== before.muted) this.setting("mute", next.muted);
      if (next.mode !== before.mode) this.setting("mode", next.mode);
    });
  }

  setting(name: string, value: string | number | boolean): void {
    if (!this.closed) this.#emit({ type: "setting", name, value, position_s: this.#positionS });
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
    this.#rest();
    this.#emit({ type: "error", fatal, code, message, position_s: this.#at(media) }, nowMs);
  }

  /** The browser refused to start by itself. */
  autoplayBlocked(): void {
    if (this.closed) return;
    this.play(); // it was asked for: browsers fire no `play` for what they refuse
    const nowMs = this.#o.clock.monoMs();
    this.#rest();
    this.#emit({ type: "autoplay_blocked", position_s: this.#at(this.#o.read()) }, nowMs);
  }

  end(reason: EndReason): void {
    if (this.closed) return;
    const media = this.#o.read();
    const nowMs = this.#stopAt(media);
    this.#rest();
    this.#emit({ type: "view_end", reason, position_s: this.#at(media) }, nowMs);
    this.#phase = { name: "closed" };
  }

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
    if (this.#watch.beats(nowMs)) {
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
          if (media.drawsFrames && s < phase.fromS + FRAME_PATIENCE_S * this.#rate) return; // `frame` knows better
          this.#beginMoving(leftAtMs(nowMs, (s - phase.fromS) / this.#rate, phase.seenMs), phase.fromS);
          this.#follow(nowMs, media);
        } else phase.seenMs = nowMs;
        return;
      case "jumping": {
        const jump = this.#jump;
        const fromS = jump?.toS ?? s;
        if (!media.paused && s > fromS + MOVED_S) {
          this.#beginMoving(leftAtMs(nowMs, (s - fromS) / this.#rate, phase.seenMs), fromS);
          this.#follow(nowMs, media);
        } else {
          if (jump && s < jump.toS) jump.toS = s;
          phase.seenMs = nowMs;
        }
        return;
      }
      case "moving":
        this.#positionS = s;
        if (!media.canMove) this.#starvedMs = nowMs;
        if (phase.line.look(nowMs, s) < STALL_MIN_MS || media.ended) return;
        this.#beginStall(phase.line);
        if (s > phase.line.s + MOVED_S) this.#follow(nowMs, media); // over already
        return;
      case "stalled":
        if (!media.canMove) phase.cause = "network";
        if (s > phase.line.s + MOVED_S) {
          this.#endStall(leftAtMs(nowMs, (s - phase.line.s) / this.#rate, phase.seenMs));
          this.#follow(nowMs, media);
        } else phase.seenMs = nowMs;
        return;
    }
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
    this.#move(ms, fromS);
  }

  #move(ms: number, fromS: number): void {
    this.#phase = { name: "moving", line: new MotionLine(ms, fromS, this.#rate) };
    this.#open = { fromS, fromMs: ms };
  }

  #beginStall(line: MotionLine): void {
    this.#close(line.s, line.ms);
    const cause = this.#starvedMs >= line.ms ? "network" : "decode";
    this.#phase = { name: "stalled", sinceMs: line.ms, line, cause, seenMs: line.seenMs };
  }

  #endStall(ms: number): void {
    const phase = this.#phase;
    if (phase.name !== "stalled") return;
    this.#tellStall(ms);
    this.#emit({ type: "playing", position_s: phase.line.s }, ms);
    this.#move(ms, phase.line.s);
  }

  #tellStall(endMs: number): void {
    const phase = this.#phase;
    if (phase.name !== "stalled") return;
    const wait_ms = Math.max(0, Math.round(endMs - phase.sinceMs));
    this.#emit({ type: "stall", wait_ms, cause: phase.cause, position_s: phase.line.s }, endMs);
  }

  /** Timers and media stood still together: nobody watched, so the gap belongs to no interval and is no stall. */
  #noticeSleep(nowMs: number, media: MediaState): void {
    const gap = this.#gaps.look();
    if (!gap) return;
    const phase = this.#phase;
    if (phase.name === "moving" && !media.seeking) {
      if (phase.line.wayMs(media.positionS) > gap.gapMs / 2) return; // timers slept, the video did not
      this.#close(phase.line.s, phase.line.ms);
      this.#move(nowMs, media.positionS);
    } else if (phase.name === "waiting" || phase.name === "stalled") {
      phase.sinceMs += gap.monoMs;
    }
  }

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
      const s = media.seeking
        ? (this.#causes.announcedFromS ?? phase.line.expectedS(nowMs, EXTRAPOLATE_MS))
        : media.positionS;
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
    return (media.seeking && !this.#jump && this.#causes.announcedFromS) || this.#positionS;
  }

  #rest(): void {
    this.#phase = { name: "resting" };
    this.#watch.stop();
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
    this.#move(ms, line.s);
  }

  #close(toS: number, toMs: number): void {
    const open = this.#open;
    this.#open = null;
    const interval = open && intervalOf(open, toS, toMs, this.#rate, this.#conditions, this.#rendition);
    if (interval) this.#emit(interval, toMs);
  }

  #tellJump(): void {
    const jump = this.#jump;
    if (!jump) return;
    this.#jump = null;
    const nowMs = this.#o.clock.monoMs();
    this.#log.write(jump.event(nowMs, this.#watch.runs), jump.settledMs ?? nowMs);
    if (jump.resumed) this.#log.write({ type: "playing", position_s: jump.resumed.s }, jump.resumed.ms);
  }

  #at(media: MediaState): number {
    if (!media.seeking) this.#positionS = media.positionS;
    return this.#positionS;
  }

  /** Emits now; a jump whose frames already move again is told first, so that order and time agree. */
  #emit(body: EventBody, atMs = this.#o.clock.monoMs()): void {
    if (this.#jump?.resumed) this.#tellJump();
    this.#log.write(body, atMs);
  }
}
