// What talks to the server, and keeps for it what it cannot take now. A file of its own, which comes once something is
// recorded: no page waits for it, and `tracker.ts` says goodbye without it.

import type { Clock } from "../core/clock";
import { boundedContext } from "../core/context";
import { type Answer, createCourier } from "../core/courier";
import { createKeeper } from "../core/keeper";
import type { message, Shelf, Shelves, shelfOf } from "../core/shelves";
import type { Adapter } from "./adapter";
import { durationOf, pageContext } from "./page";
import type { Watched } from "./tracker";
import { waysTo } from "./ways_out";

export interface SenderOptions {
  url: URL;
  shelves: Shelves;
  watched: ReadonlySet<Watched>;
  clock: Clock;
  /** Given, since a file that both import would be a third one to load. */
  write: typeof message;
  shelfOf: typeof shelfOf;
  post: (body: string) => Promise<Response>;
  /** The person's clock is so far off; 0 = well enough. */
  onClock: (errorMs: number) => void;
}

/** A person's clock that is farther off than this would give ids outside the server's range sooner or later. */
const CLOCK_TOLERANCE_MS = 60_000;
const OUT_OF_RANGE = "view_id_out_of_range";

const timers = { set: window.setTimeout, clear: window.clearTimeout };

export type Sender = ReturnType<typeof createSender>;

/** `adapterOf` finds the facts of an element's engine, where the host page gives no adapter. */
export function createSender(
  { url, shelves, watched, clock, write, shelfOf, post, onClock }: SenderOptions,
  adapterOf?: (what: Watched) => Adapter,
) {
  const { notify, flush, wake, park } = createCourier({
    shelves,
    write,
    transport: waysTo(url, post),
    clock,
    timers,
    random: Math.random,
    onAnswer: answered,
    forget: (view, texts) => forget(view, texts),
  });
  const { keep, forget, store } = createKeeper({
    shelves,
    shelfOf,
    drawer: () => localStorage,
    wallMs: clock.wallMs,
    onFound: () => notify(true),
  });

  function answered({ acks, ack = acks?.[0], rejected = [] }: Answer): void {
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
  }

  /** Adds page and element to the view's context, and once more when the duration is known. */
  function describe(what: Watched): void {
    const { media, options, view } = what;
    const shelf = view && shelves.get(view.view_id);
    if (!shelf || (view.context.player_name && (view.context.duration_s || !durationOf(media)))) return;
    view.context = boundedContext({ ...view.context, ...pageContext(media), ...options.meta });
    shelf.contextDue = true;
  }

  /** An element whose page gave no adapter is given one. */
  function adapt(what: Watched): void {
    if (adapterOf && !what.options.adapter) what.use(adapterOf(what));
  }

  for (const each of watched) {
    describe(each);
    adapt(each);
  }
  addEventListener("online", wake);
  addEventListener("pageshow", wake);
  addEventListener("visibilitychange", () => document.hidden || wake());
  // The page goes, and may come back. `tracker.ts` listens since before: its beacons are on their way.
  addEventListener("pagehide", park);

  return {
    adapt,
    flush,
    /** Something was put on the shelf of the view. */
    recorded(what: Watched, shelf: Shelf, urgent: boolean): void {
      describe(what);
      keep(shelf);
      notify(urgent);
    },
    store,
  };
}
