// What talks to the server, and keeps for it what it cannot take now. A file of its own, which comes once something is
// recorded: no page waits for it, and `tracker.ts` says goodbye without it.
import { boundedContext } from "../core/context";
import { type Answer, createCourier } from "../core/courier";
import type { EventType } from "../core/events";
import { createKeeper, type Keeper } from "../core/keeper";
import type { message, Shelves } from "../core/shelves";
import type { Adapter } from "./adapter";
import { durationOf, pageContext } from "./page";
import { alone, indexedArchive, tails } from "./storage";
import type { Watched } from "./tracker";
import { waysTo } from "./ways_out";

export interface SenderOptions {
  url: URL;
  shelves: Shelves;
  watched: ReadonlySet<Watched>;
  /** Given, since a file that both import would be a third one to load. */
  write: typeof message;
  /** The person's clock is so far off; 0 = well enough. */
  onClock: (errorMs: number) => void;
}

/** These change what a live dashboard shows, or may be the last that is heard. All others wait for company. */
const URGENT = /^(playing|interval|pause|ended|error|autoplay_blocked|view_end)$/;
/** A person's clock that is farther off than this would give ids outside the server's range sooner or later. */
const CLOCK_TOLERANCE_MS = 60_000;
const OUT_OF_RANGE = "view_id_out_of_range";

const clock = { monoMs: () => performance.now(), wallMs: () => Date.now() };
const timers = {
  set: (callback: () => void, delayMs: number) => window.setTimeout(callback, delayMs),
  clear: (timer: number | undefined) => clearTimeout(timer),
};

export type Sender = ReturnType<typeof createSender>;

export function createSender({ url, shelves, watched, write, onClock }: SenderOptions) {
  let keeper: Keeper | null = null;
  const adapted = new WeakSet<Watched>();
  const { notify, flush, wake, park } = createCourier({
    shelves,
    write,
    transport: waysTo(url),
    clock,
    timers,
    random: Math.random,
    onAnswer: answered,
    onTrouble: () => keeper?.trouble(),
  });

  function answered({ ack, rejected = [] }: Answer): void {
    if (ack) {
      const errorMs = ack.server_ms - Date.now();
      const isWrong = Math.abs(errorMs) > CLOCK_TOLERANCE_MS;
      onClock(isWrong ? errorMs : 0);
      for (const { view_id, code } of isWrong ? rejected : []) {
        // The server cannot place a view whose id came from a wrong clock; one with a corrected id takes its place.
        if (code !== OUT_OF_RANGE) continue;
        for (const { view, restart } of watched) if (view?.view_id === view_id) restart();
      }
    }
    keeper?.save();
  }

  /** Adds page and element to the view's context, and once more when the duration is known. */
  function describe(what: Watched): void {
    const { media, options, view } = what;
    if (!options.adapter && !adapted.has(what)) {
      adapted.add(what);
      findAdapter(what).then(what.use, ignored);
    }
    const shelf = view && shelves.get(view.view_id);
    if (!shelf || (view.context.player_name && (view.context.duration_s || !durationOf(media)))) return;
    view.context = boundedContext({ ...pageContext(media), ...options.meta });
    shelf.contextDue = true;
  }

  for (const each of watched) describe(each);
  addEventListener("online", wake);
  addEventListener("pageshow", wake);
  addEventListener("visibilitychange", () => document.hidden || wake());
  // The page goes, and may come back. `tracker.ts` listens since before: its beacons are on their way.
  addEventListener("pagehide", () => {
    park();
    keeper?.release();
  });

  return {
    flush,
    /** Something was put on the shelf of the view. */
    recorded(what: Watched, type: EventType): void {
      describe(what);
      keeper?.save();
      notify(URGENT.test(type));
    },
    /** Whether what is unanswered may outlive the page; if not, nothing stays of what does. */
    store(given: boolean): void {
      if (given && keeper) return;
      const onAdopted = () => notify(true);
      const name = `${Math.random()}`;
      keeper ??= createKeeper({ name, shelves, tails, archive: indexedArchive(), alone, clock, timers, onAdopted });
      if (given) keeper.start();
      else {
        keeper.stop();
        keeper = null;
      }
    },
  };
}

/** The engine's facts. They come in files of their own, since a page needs one of them at most. */
async function findAdapter({ media, options: { hls }, earlier }: Watched): Promise<Adapter> {
  if (!hls) return (await import("./native_adapter")).observeNative(media);
  return (await import("./hls_adapter")).observeHls(hls, undefined, earlier);
}

/** A file of the tracker that could not be loaded: it goes without what is in it. */
function ignored(): void {}
