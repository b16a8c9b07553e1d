// With consent: what is unanswered survives the page. A tail in synchronous storage takes each event when it happens;
// the archive takes all of it once the server is out of reach. Both forget on an answer only, and the next page sends
// what is left.
import type { Clock } from "./clock";
import type { Timers } from "./courier";
import type { View, ViewEvent } from "./events";
import type { Shelf, Shelves } from "./shelves";

/** Synchronous storage, shared by all pages of a site (localStorage). Any call may throw. */
export interface Tails {
  keys(): string[];
  get(key: string): string | null;
  set(key: string, text: string): void;
  remove(key: string): void;
}

/** Storage that is large and slow (IndexedDB): texts by key. Any promise may fail; what is asked first is done first. */
export interface Archive {
  /** Takes the place of what was there. */
  put(key: string, text: string): Promise<unknown>;
  all(): Promise<[key: string, text: string][]>;
  /** Unless there is another text by now. */
  remove(key: string, text: string): Promise<unknown>;
  clear(): Promise<unknown>;
}

export interface KeeperOptions {
  /** Of this page alone. */
  name: string;
  shelves: Shelves;
  tails: Tails;
  archive: Archive;
  /** Runs `act` while no other page of the site does, where the browser can tell; else at once. */
  alone: (act: () => Promise<void>) => void;
  clock: Clock;
  timers: Timers;
  /** Events of earlier pages are on the shelves. */
  onAdopted: () => void;
}

/** Some events of one view; a tail or a text of the archive is a list of them, as JSON. */
interface Left {
  view: View;
  events: ViewEvent[];
}

const PREFIX = "viewbox.tail.";
/** localStorage is synchronous and shared: a tail, not an archive. */
const TAIL_CHARS = 8 * 1024;
/** Of one page; earlier pages together may have left as much again. */
const ARCHIVE_CHARS = 2_500_000;
const MAX_AGE_MS = 7 * 86_400_000;
/** What happened since is in the tail. */
const SPILL_MS = 200;

export type Keeper = ReturnType<typeof createKeeper>;

export function createKeeper({
  name,
  shelves,
  tails,
  archive,
  alone,
  clock: { wallMs },
  timers: { set },
  onAdopted,
}: KeeperOptions) {
  const tailKey = PREFIX + name;
  let archived = ""; // this page's text there
  let troubled = false; // the archive takes all
  let spillTimer = 0;
  let stopped = false;
  let finishAdoption: (() => void) | null = null;

  const unanswered = (adopted: boolean) =>
    [...shelves.values()].filter((shelf) => !shelf.adopted !== adopted && shelf.texts.length);

  /** Something was added or answered. */
  function save(): void {
    if (stopped) return;
    const [text, whole] = newest(unanswered(false), TAIL_CHARS);
    attempt(() => (text ? tails.set(tailKey, text) : tails.remove(tailKey)));
    troubled ||= !whole;
    if (!text) {
      troubled = false;
      if (archived) archive.remove(name, archived).catch(ignored);
      archived = "";
    } else if (troubled && !spillTimer) spillTimer = set(spill, SPILL_MS);
    if (!unanswered(true).length) finishAdoption?.();
  }

  /** Full or forbidden storage is not tried again: the newest events are in the tail. */
  function spill(): void {
    spillTimer = 0;
    const [text] = newest(unanswered(false), ARCHIVE_CHARS);
    if (stopped || !text) return;
    archived = text;
    archive.put(name, text).catch(() => {
      spillTimer = -1;
    });
  }

  /** Takes over what earlier pages left behind, and forgets it there when all of it is answered for. */
  async function adopt(): Promise<void> {
    let room = ARCHIVE_CHARS;
    const records = await archive.all().catch(() => []);
    const found: [text: string, forget: () => unknown][] = records
      .filter(([key]) => key !== name)
      .map(([key, text]) => [text, () => archive.remove(key, text).catch(ignored)]);
    for (const key of attempt(tails.keys) ?? []) {
      const text = key.startsWith(PREFIX) && key !== tailKey && attempt(() => tails.get(key));
      // Another page may live and have written more meanwhile: that tail is its own affair.
      if (text) found.push([text, () => attempt(() => tails.get(key) === text && tails.remove(key))]);
    }
    if (stopped) return;
    for (const [text] of found) {
      room -= text.length;
      for (const { view, events } of (room > 0 && attempt(() => JSON.parse(text) as Left[])) || []) {
        if (wallMs() - view.started_at_ms > MAX_AGE_MS) continue;
        const texts = events.map((event) => JSON.stringify(event)); // the server knows those that two of them have
        const shelf = shelves.get(view.view_id);
        if (shelf) shelf.texts.push(...texts);
        else shelves.set(view.view_id, { view, texts, inFlight: 0, contextDue: true, adopted: true });
      }
    }
    if (unanswered(true).length) {
      const answered = new Promise<void>((resolve) => {
        finishAdoption = resolve;
      });
      onAdopted();
      await answered;
      finishAdoption = null;
      if (unanswered(true).length) return; // the page went before the answers came
    }
    for (const [, forget] of found) await forget();
  }

  return {
    save,
    /** The server is out of reach. */
    trouble(): void {
      troubled = true;
      save();
    },
    /** The page goes: another one may take over. */
    release(): void {
      finishAdoption?.();
    },
    /** Begins with what earlier pages left. */
    start(): void {
      alone(adopt);
      save();
    },
    /** Consent was withdrawn: nothing stays, nothing comes. */
    async stop(): Promise<void> {
      stopped = true;
      finishAdoption?.();
      for (const key of attempt(tails.keys) ?? []) {
        if (key.startsWith(PREFIX)) attempt(() => tails.remove(key));
      }
      await archive.clear().catch(ignored);
    },
  };
}

/** The newest events that `room` characters hold, "" when there are none; and whether those are all. */
function newest(shelves: Shelf[], room: number): [text: string, whole: boolean] {
  const kept: string[] = [];
  let whole = true;
  for (const { view, texts } of shelves.reverse()) {
    const left = (events: string[]) => `{"view":${JSON.stringify(view)},"events":[${events}]}`;
    room -= left([]).length;
    let from = texts.length;
    while (from && room >= 0) {
      room -= (texts[from - 1] as string).length + 1;
      if (room >= 0) from--;
    }
    whole &&= !from;
    if (from < texts.length) kept.push(left(texts.slice(from)));
  }
  return [kept.length ? `[${kept}]` : "", whole];
}

/** Storage may be full, forbidden or damaged: then there is none. */
function attempt<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}

function ignored(): void {}
