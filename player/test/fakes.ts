// A media element and a clock that a test moves by hand: playing means that time carries the playhead along.
import type { Clock } from "../src/core/clock";
import type { Timers } from "../src/core/courier";
import type { ViewEvent } from "../src/core/events";
import type { Drawer } from "../src/core/keeper";
import type { Conditions, MediaState } from "../src/core/media_state";
import { createRecorder, type Recorder } from "../src/core/recorder";

export class FakeTime implements Clock, Timers {
  nowMs = 1000;
  wallOffsetMs = 1_763_800_000_000;
  #timers = new Map<number, { atMs: number; callback: () => void }>();
  #nextTimer = 1;

  monoMs = () => this.nowMs;
  wallMs = () => this.nowMs + this.wallOffsetMs;

  set = (callback: () => void, delayMs: number): number => {
    const timer = this.#nextTimer++;
    this.#timers.set(timer, { atMs: this.nowMs + delayMs, callback });
    return timer;
  };

  clear = (timer: number | undefined): void => {
    if (timer !== undefined) this.#timers.delete(timer);
  };

  /** Lets time pass, timers included, in order. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { atMs }]) => atMs <= endMs).sort((a, b) => a[1].atMs - b[1].atMs)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.nowMs = Math.max(this.nowMs, due[1].atMs);
      due[1].callback();
      await settle();
    }
    this.nowMs = endMs;
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

/** A site's localStorage: as there, its keys are the object's own. */
export class FakeStorage implements Drawer {
  get length(): number {
    return Object.keys(this).length;
  }

  getItem(key: string): string | null {
    return Object.hasOwn(this, key) ? (Reflect.get(this, key) as string) : null;
  }

  setItem(key: string, text: string): void {
    Reflect.set(this, key, text);
  }

  removeItem(key: string): void {
    Reflect.deleteProperty(this, key);
  }
}

/** One view of one fake element. `run` plays time in 10 ms steps and looks every 100 ms, as the recorder asks. */
export class Stage {
  readonly time = new FakeTime();
  conditions: Conditions;
  readonly events: ViewEvent[] = [];
  readonly recorder: Recorder;
  media: { -readonly [Name in keyof MediaState]: MediaState[Name] } = {
    currentTime: 0,
    duration: 600,
    paused: true,
    ended: false,
    seeking: false,
    loop: false,
    playbackRate: 1,
    readyState: 4,
  };
  drawsFrames = false;
  /** The network has nothing: the playhead stands although playing is asked for. */
  starved = false;
  /** Timers of a hidden page run this often only. */
  throttledMs: number | null = null;

  constructor(conditions: Partial<Conditions> = {}) {
    this.conditions = { visible: true, muted: false, mode: "inline", ...conditions };
    this.recorder = createRecorder({
      clock: this.time,
      media: this.media,
      drawsFrames: () => this.drawsFrames,
      health: () => ({ buffer_s: 12, dropped_frames: 0, total_frames: 100, bandwidth_bps: 5_000_000 }),
      conditions: this.conditions,
      emit: (event) => this.events.push(event),
    });
  }

  run(ms: number): void {
    for (let passed = 0; passed < ms; passed += 10) {
      this.time.nowMs += 10;
      const moves = !this.media.paused && !this.media.seeking && !this.starved && !this.media.ended;
      if (moves) this.media.currentTime += 0.01 * this.media.playbackRate;
      const { paceMs } = this.recorder;
      const everyMs = this.throttledMs ?? Math.ceil(paceMs / 10) * 10;
      if (paceMs && everyMs && this.time.nowMs % everyMs === 0) this.recorder.look();
    }
  }

  change(conditions: Partial<Conditions>): void {
    this.conditions = { ...this.conditions, ...conditions };
    this.recorder.change(this.conditions);
  }

  play(): void {
    this.media.paused = false;
    this.media.ended = false;
    this.recorder.play();
  }

  pause(): void {
    this.media.paused = true;
    this.recorder.pause();
  }

  /** A jump that takes `waitMs` until its picture is there. */
  seek(toS: number, waitMs: number): void {
    this.media.seeking = true;
    this.media.currentTime = toS;
    this.recorder.seeking();
    this.run(waitMs);
    this.media.seeking = false;
    this.recorder.seeked();
  }

  starve(ms: number): void {
    this.starved = true;
    this.media.readyState = 2;
    this.run(ms);
    this.starved = false;
    this.media.readyState = 4;
  }

  finish(): void {
    this.media.paused = true;
    this.media.ended = true;
    this.recorder.pause(); // browsers do
    this.recorder.ended();
  }

  types(): string[] {
    return this.events.map(({ type }) => type);
  }

  all<Type extends ViewEvent["type"]>(type: Type): Extract<ViewEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<ViewEvent, { type: Type }> => event.type === type);
  }

  /** The only event of its type. */
  one<Type extends ViewEvent["type"]>(type: Type): Extract<ViewEvent, { type: Type }> {
    const [event, ...more] = this.all(type);
    if (!event || more.length > 0) throw new Error(`${more.length + (event ? 1 : 0)} events of type ${type}`);
    return event;
  }
}

/** A view whose video has played for 0.3 s. */
export function playing(): Stage {
  const stage = new Stage();
  stage.run(500);
  stage.play();
  stage.run(300);
  return stage;
}
