// The tracker's front: any media element in, acknowledged events out. Own entry point, no dependency. Who talks to the
// server is in a file of its own, which comes later.
import {
  type Context,
  type EndReason,
  type JumpCause,
  SCHEMA_VERSION,
  type View,
  type ViewEvent,
} from "../core/events";
import { uuid7 } from "../core/ids";
import { farewell, message, put, type Shelves, shelfOf } from "../core/shelves";
import type { Adapter } from "./adapter";
import type { createSender, Sender } from "./bare_sender";
import type { HlsErrorData, HlsLike } from "./hls_adapter";
import { observe } from "./observation";
import { asksForPrivacy, currentViewer, forgetViewer, pageId } from "./viewer";

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
export interface Watched {
  readonly media: HTMLMediaElement;
  readonly options: AttachOptions;
  /** Errors of the time before the engine's facts are taken. */
  readonly earlier: HlsErrorData[];
  view?: View;
  /** Takes an engine's facts from now on. */
  use(adapter: Adapter): void;
  /** Begins a new view. */
  restart(): void;
}

/**
 * The sender's file is asked for so long after the first event, or with the first frame if that is sooner: a video that
 * starts has better things to load.
 */
const SENDER_MS = 1000;
/** A file that did not come is asked for again after this, if there is something to send by then. */
const AGAIN_MS = 10_000;
/** Statuses of what is stored, or will never be: as courier.ts. */
const SETTLED = [200, 413, 422];

/** These change what a live dashboard shows, or may be the last that is heard. All others wait for company. */
const URGENT = /^(playing|interval|pause|ended|error|autoplay_blocked|view_end)$/;

const clock = { monoMs: () => performance.now(), wallMs: () => Date.now() };

/** `loadSender` asks for the file of who talks to the server. */
export function createTracker(
  { endpoint, token, viewer, consent }: TrackerOptions,
  loadSender: () => Promise<{ createSender: typeof createSender }>,
): Tracker {
  const url = new URL(endpoint, location.href);
  if (token) url.searchParams.set("token", token);
  const shelves: Shelves = new Map();
  const watched = new Set<Watched>();
  let sender: Sender | undefined;
  let coming: Promise<Sender | undefined> | null = null;
  let stores = false;
  let clockErrorMs = 0; // server minus client, as far as it matters

  // Observations listen in the capture phase: their last events are on the shelves by now.
  const goodbye = () => farewell(shelves, Date.now(), (text) => navigator.sendBeacon?.(url, text));
  addEventListener("pagehide", goodbye);
  addEventListener("visibilitychange", () => document.hidden && goodbye());

  /** A plain text needs no preflight. */
  const post = (body: string) => fetch(url, { method: "POST", body, credentials: "omit" });

  /** Undefined where the sender's file cannot be had: it is tried again. */
  function summon(): Promise<Sender | undefined> {
    coming ??= loadSender().then(
      ({ createSender }) =>
        (sender = createSender({ url, shelves, watched, clock, write: message, shelfOf, post, onClock })),
      goWithout,
    );
    return coming;
  }

  /** Each view's oldest events go by plain POST. */
  async function goWithout(): Promise<undefined> {
    for (const shelf of shelves.values()) {
      const [body, count] = message(shelf, 0, Date.now(), true);
      const answer = count ? await post(body).catch(ignored) : null;
      if (answer && SETTLED.includes(answer.status)) shelf.texts.splice(0, count);
    }
    setTimeout(() => {
      coming = null;
      for (const { texts } of shelves.values()) if (texts.length) summon();
    }, AGAIN_MS);
  }

  const onClock = (errorMs: number) => {
    clockErrorMs = errorMs;
  };
  const flush = () => summon().then((made) => made?.flush());

  function recorded(self: Watched, view: View, event: ViewEvent): void {
    const shelf = shelfOf(shelves, view);
    put(shelf, event);
    const { type } = event;
    if (sender) sender.recorded(self, shelf, URGENT.test(type));
    else setTimeout(flush, type === "playing" ? 0 : SENDER_MS);
  }

  /** Withdrawn consent empties the storage at once. */
  function setConsent(given: boolean): void {
    stores = given && !asksForPrivacy();
    if (!stores) forgetViewer();
    summon().then((made) => made?.store(stores));
  }

  function newView(video_id: string): View {
    const nowMs = Date.now();
    return {
      v: SCHEMA_VERSION,
      view_id: uuid7(nowMs + clockErrorMs),
      video_id,
      ...currentViewer(viewer, stores),
      session_id: pageId(), // a person who opens three videos in it has one session
      started_at_ms: nowMs,
      context: { page_url: location.origin + location.pathname }, // the sender knows the rest
    };
  }

  if (consent) setConsent(true);

  return {
    setConsent,

    attach(media, options) {
      const begin = () => {
        const view = newView(options.videoId);
        self.view = view;
        return (event: ViewEvent) => {
          recorded(self, view, event);
          options.onEvent?.(event, view);
        };
      };
      const { adapter, hls } = options;
      const earlier: HlsErrorData[] = [];
      const self = { media, options, earlier } as Watched;
      const observation = Object.assign(self, observe(media, { clock, begin }));
      watched.add(self);
      if (adapter) observation.use(adapter);
      else if (sender) sender.adapt(self);
      else flush(); // the sender finds one
      hls?.on("hlsError", (_, data: HlsErrorData) => earlier.push(data));

      return Object.assign(observation, {
        flush,
        detach(reason: EndReason = "destroy") {
          observation.end(reason);
          flush().finally(() => watched.delete(self));
        },
      });
    },
  };
}

/** The server is out of reach: its next chance comes. */
function ignored(): void {}
