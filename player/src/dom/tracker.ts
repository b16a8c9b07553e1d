// The tracker's front: any media element in, acknowledged events out. Own entry point, no dependency.
import { boundedContext } from "../core/context";
import { type Answer, Courier } from "../core/courier";
import type { Context, EndReason, JumpCause, View, ViewEvent } from "../core/events";
import { randomId, uuid7 } from "../core/ids";
import { Outbox } from "../core/outbox";
import type { Adapter } from "./adapter";
import { type HlsLike, observeHls } from "./hls_adapter";
import { observeNative } from "./native_adapter";
import { Observation } from "./observation";
import { durationOf, pageContext } from "./page";
import { forgetTails, saveTail, takeTails } from "./tail";
import { browserTransport } from "./transport";
import { currentViewer, forgetViewer, randomBytes } from "./viewer";

export interface TrackerOptions {
  /** URL of the intake, `/v1/views` of a ViewBox server. */
  endpoint: string;
  token?: string;
  /** The host page's own id of the person, where it has one. */
  viewer?: string;
  /** The person agreed to be recognised on this device. Without it nothing is stored. */
  consent?: boolean;
}

export interface AttachOptions {
  videoId: string;
  /** An hls.js instance, for renditions, bandwidth and reasons. */
  hls?: HlsLike;
  /** Another engine's facts; takes the place of `hls`. */
  adapter?: Adapter;
  /** `experiment`, `custom` and what else the host page knows about the view. */
  meta?: Partial<Context>;
}

export interface Attached {
  /** Sends what waits, now. */
  flush(): void;
  /** Ends the view. */
  detach(reason?: EndReason): void;
  /** Says why the playhead is about to be moved; without it a jump counts as the person's. */
  announceJump(cause: JumpCause): void;
  /** `play()` was refused with NotAllowedError. */
  autoplayBlocked(): void;
  setting(name: string, value: string | number | boolean): void;
}

export interface Tracker {
  attach(media: HTMLMediaElement, options: AttachOptions): Attached;
  setConsent(consent: boolean): void;
}

/** These change what a live dashboard shows, or may be the last that is heard. */
const URGENT = new Set<ViewEvent["type"]>([
  "view_start",
  "playing",
  "interval",
  "pause",
  "ended",
  "error",
  "autoplay_blocked",
  "view_end",
]);
/** A person's clock that is farther off than this would give ids outside the server's range sooner or later. */
const CLOCK_TOLERANCE_MS = 60_000;

const OUT_OF_RANGE = "view_id_out_of_range";

const clock = { monoMs: () => performance.now(), wallMs: () => Date.now() };
const timers = {
  set: (callback: () => void, delayMs: number) => window.setTimeout(callback, delayMs),
  clear: (timer: number) => window.clearTimeout(timer),
};
/** One per page: a person who opens three videos in it has one session. */
const sessionId = randomId(randomBytes);

export function createTracker(options: TrackerOptions): Tracker {
  return new BrowserTracker(options);
}

class BrowserTracker implements Tracker {
  readonly #o: TrackerOptions;
  readonly #outbox = new Outbox();
  readonly #courier: Courier;
  #consent: boolean;
  readonly #restarts = new Map<string, () => void>();
  #clockErrorMs = 0; // server minus client, as far as it matters

  constructor(options: TrackerOptions) {
    this.#o = options;
    this.#consent = options.consent ?? false;
    this.#courier = new Courier({
      outbox: this.#outbox,
      transport: browserTransport(options.endpoint, options.token),
      clock,
      timers,
      random: Math.random,
      onAnswer: (answer) => this.#answered(answer),
    });
    addEventListener("online", () => this.#courier.wake());
    addEventListener("pageshow", () => this.#courier.wake());
    // Observations listen in the capture phase: their last events are in the outbox by now.
    addEventListener("pagehide", () => this.#courier.park());
    addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.#courier.farewell();
      else this.#courier.wake();
    });
    if (this.#consent) this.#bringBack();
  }

  setConsent(consent: boolean): void {
    this.#consent = consent;
    if (consent) return;
    forgetViewer();
    forgetTails();
  }

  attach(media: HTMLMediaElement, options: AttachOptions): Attached {
    let view: View | null = null;
    const observation = new Observation(media, {
      clock,
      adapter: options.adapter ?? (options.hls ? observeHls(options.hls) : observeNative(media)),
      begin: () => {
        const current = this.#newView(media, options);
        if (view) this.#restarts.delete(view.viewId);
        this.#restarts.set(current.viewId, () => observation.restart());
        view = current;
        return (event) => this.#add(current, event);
      },
      durationKnown: () => {
        const duration_s = durationOf(media);
        if (!view || view.context.duration_s || duration_s === null) return;
        view.context = { ...view.context, duration_s };
        this.#outbox.contextChanged(view.viewId);
      },
    });
    return {
      flush: () => this.#courier.flush(),
      detach: (reason = "destroy") => {
        observation.end(reason);
        if (view) this.#restarts.delete(view.viewId);
        this.#courier.flush();
      },
      announceJump: (cause) => observation.announceJump(cause),
      autoplayBlocked: () => observation.autoplayBlocked(),
      setting: (name, value) => observation.setting(name, value),
    };
  }

  #newView(media: HTMLMediaElement, { videoId, meta }: AttachOptions): View {
    const viewer = currentViewer(this.#o.viewer, this.#consent);
    return {
      viewId: uuid7(Date.now() + this.#clockErrorMs, randomBytes),
      videoId,
      viewerId: viewer.id,
      viewerKind: viewer.kind,
      sessionId,
      startedAtMs: Date.now(),
      context: boundedContext({ ...pageContext(media), ...meta }),
    };
  }

  #add(view: View, event: ViewEvent): void {
    this.#outbox.add(view, event);
    if (this.#consent) this.#saveTails();
    this.#courier.notify(URGENT.has(event.type));
  }

  #answered(answer: Answer): void {
    if (answer.ack) {
      const errorMs = answer.ack.server_ms - Date.now();
      this.#clockErrorMs = Math.abs(errorMs) > CLOCK_TOLERANCE_MS ? errorMs : 0;
    }
    if (this.#clockErrorMs !== 0) {
      for (const { view_id, code } of answer.rejected ?? []) if (code === OUT_OF_RANGE) this.#restart(view_id);
    }
    if (this.#consent) this.#saveTails();
  }

  /** The server cannot place a view whose id came from a wrong clock; one with a corrected id takes its place. */
  #restart(viewId: string): void {
    const restart = this.#restarts.get(viewId);
    this.#restarts.delete(viewId);
    restart?.();
  }

  #saveTails(): void {
    for (const tail of this.#outbox.remains()) saveTail(tail);
  }

  #bringBack(): void {
    for (const { view, events } of takeTails(Date.now())) for (const event of events) this.#outbox.add(view, event);
    if (this.#outbox.hasWaiting) this.#courier.notify(false);
  }
}
