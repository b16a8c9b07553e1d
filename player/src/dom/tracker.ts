// The tracker's front: any media element in, acknowledged events out. Own entry point, no dependency.
import { boundedContext } from "../core/context";
import { type Answer, createCourier } from "../core/courier";
import {
  type Context,
  type EndReason,
  type JumpCause,
  SCHEMA_VERSION,
  type View,
  type ViewEvent,
} from "../core/events";
import { randomId, uuid7 } from "../core/ids";
import type { Keeper } from "../core/keeper";
import { createOutbox } from "../core/outbox";
import type { Adapter } from "./adapter";
import type { HlsErrorData, HlsLike } from "./hls_adapter";
import { observe } from "./observation";
import { durationOf, pageContext } from "./page";
import { browserTransport } from "./transport";
import { asksForPrivacy, currentViewer, forgetViewer, randomBytes } from "./viewer";

export interface TrackerOptions {
  /** URL of the intake, `/v1/views` of a ViewBox server. */
  endpoint: string;
  token?: string;
  /** The host page's own id of the person, where it has one: up to 64 of `A-Z a-z 0-9 . _ : -`. */
  viewer?: string;
  /** The person agreed to be recognised on this device. Without it nothing is stored. */
  consent?: boolean;
}

export interface AttachOptions {
  /** ViewBox's id of the video, or one of your own: up to 64 of `A-Z a-z 0-9 . _ : -`. */
  videoId: string;
  /** An hls.js instance, for renditions, bandwidth and reasons. */
  hls?: HlsLike;
  /** Another engine's facts; takes the place of `hls`. */
  adapter?: Adapter;
  /** `experiment`, `custom` and what else the host page knows about the view. */
  meta?: Partial<Context>;
  /** Called with each event as it is recorded, for a log or a system of your own. */
  onEvent?: (event: ViewEvent, view: View) => void;
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
  /** Begins a view of what `media` plays. Listeners only: nothing of the element is changed. */
  attach(media: HTMLMediaElement, options: AttachOptions): Attached;
  /** Withdrawn consent empties the storage at once. */
  setConsent(consent: boolean): void;
}

/** A media element that a tracker listens to. */
interface Watched {
  view?: View;
  /** Adds page and element to the view's context, and again once the duration is known. */
  describe(): void;
  /** Begins a new view. */
  restart(): void;
}

/** These change what a live dashboard shows, or may be the last that is heard. All others wait for company. */
const URGENT = /^(view_start|playing|interval|pause|ended|error|autoplay_blocked|view_end)$/;
/** A person's clock that is farther off than this would give ids outside the server's range sooner or later. */
const CLOCK_TOLERANCE_MS = 60_000;
const OUT_OF_RANGE = "view_id_out_of_range";

const clock = { monoMs: () => performance.now(), wallMs: () => Date.now() };
const timers = {
  set: (callback: () => void, delayMs: number) => window.setTimeout(callback, delayMs),
  clear: (timer: number | undefined) => clearTimeout(timer),
};
/** One per page: a person who opens three videos in it has one session. */
let session_id = "";

export function createTracker({ endpoint, token, viewer, consent }: TrackerOptions): Tracker {
  const outbox = createOutbox();
  const courier = createCourier({
    outbox,
    transport: browserTransport(endpoint, token),
    clock,
    timers,
    random: Math.random,
    onAnswer: answered,
    onTrouble: () => keeper?.trouble(),
  });
  const watched = new Set<Watched>();
  let keeper: Keeper | null = null;
  let stores = false;
  let clockErrorMs = 0; // server minus client, as far as it matters

  addEventListener("online", courier.wake);
  addEventListener("pageshow", courier.wake);
  // Observations listen in the capture phase: their last events are in the outbox by now.
  addEventListener("pagehide", () => {
    describeAll();
    courier.park();
    keeper?.release();
  });
  addEventListener("visibilitychange", () => {
    describeAll();
    if (document.hidden) courier.farewell();
    else courier.wake();
  });

  function describeAll(): void {
    for (const { describe } of watched) describe();
  }

  async function setConsent(given: boolean): Promise<void> {
    stores = given && !asksForPrivacy();
    if (!stores) forgetViewer();
    const { browserKeeper } = await import("./offline");
    if (stores && keeper) return;
    const name = randomId(randomBytes);
    const onAdopted = () => courier.notify(true);
    keeper ??= browserKeeper({ name, outbox, clock, timers, onAdopted });
    if (stores) keeper.start();
    else {
      keeper.stop();
      keeper = null;
    }
  }

  function newView(videoId: string): View {
    session_id ||= randomId(randomBytes);
    const nowMs = Date.now();
    return {
      v: SCHEMA_VERSION,
      view_id: uuid7(nowMs + clockErrorMs, randomBytes),
      video_id: videoId,
      ...currentViewer(viewer, stores),
      session_id,
      started_at_ms: nowMs,
      context: {},
    };
  }

  function answered({ ack, rejected }: Answer): void {
    if (ack) {
      const errorMs = ack.server_ms - Date.now();
      clockErrorMs = Math.abs(errorMs) > CLOCK_TOLERANCE_MS ? errorMs : 0;
    }
    for (const { view_id, code } of rejected ?? []) {
      // The server cannot place a view whose id came from a wrong clock; one with a corrected id takes its place.
      if (!clockErrorMs || code !== OUT_OF_RANGE) continue;
      for (const { view, restart } of watched) if (view?.view_id === view_id) restart();
    }
    keeper?.save();
  }

  if (consent) setConsent(true).catch(ignored);

  return {
    setConsent(given) {
      setConsent(given).catch(ignored);
    },

    attach(media, options) {
      let described: View | undefined;
      const begin = () => {
        const view = newView(options.videoId);
        self.view = view;
        whenIdle(self.describe);
        return (event: ViewEvent) => {
          outbox.add(view, event);
          keeper?.save();
          courier.notify(URGENT.test(event.type));
          options.onEvent?.(event, view);
        };
      };
      const durationKnown = () => {
        if (described) self.describe();
      };
      const self: Watched = {
        describe() {
          const { view } = self;
          if (!view || (described === view && (view.context.duration_s || !durationOf(media)))) return;
          described = view;
          view.context = boundedContext({ ...pageContext(media), ...options.meta });
          outbox.contextChanged(view);
        },
        restart: () => observation.restart(),
      };
      const observation = observe(media, { clock, begin, durationKnown });
      watched.add(self);
      findAdapter(media, options).then(observation.use, ignored);

      return {
        flush: courier.flush,
        detach(reason = "destroy") {
          observation.end(reason);
          self.describe();
          watched.delete(self);
          courier.flush();
        },
        announceJump: observation.announceJump,
        autoplayBlocked: observation.autoplayBlocked,
        setting: observation.setting,
      };
    },
  };
}

/** The engine's facts. They come in files of their own, since a page needs one of them at most, and none at once. */
async function findAdapter(media: HTMLMediaElement, { hls, adapter }: AttachOptions): Promise<Adapter> {
  if (adapter) return adapter;
  if (!hls) return (await import("./native_adapter")).observeNative(media);
  const earlier: HlsErrorData[] = [];
  hls.on("hlsError", (_, data: HlsErrorData) => earlier.push(data));
  return (await import("./hls_adapter")).observeHls(hls, undefined, earlier);
}

/** Asking for the time zone alone costs more than all else at the start: the first picture goes before. */
function whenIdle(act: () => void): void {
  const { requestIdleCallback: idle = setTimeout } = window as { requestIdleCallback?: (act: () => void) => number };
  idle(act);
}

/** A file of the tracker that could not be loaded: it goes without what is in it. */
function ignored(): void {}
