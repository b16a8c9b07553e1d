// With consent: what is unanswered survives the page. A tail in synchronous storage takes each event when it happens;
// the archive takes all of it once the server is out of reach. Both forget on an answer only, and the next page sends
// what is left.
import type { Clock } from "./clock";
import type { Timers } from "./courier";
import type { View, ViewEvent } from "./events";
import type { Outbox, Shelf } from "./outbox";

/** Synchronous storage, shared by all pages of a site (localStorage). Any call may throw. */
export interface Tails {
  keys(): string[];
  get(key: string): string | null;
  set(key: string, text: string): void;
  remove(key: string): void;
}

/** Storage that is large and slow (IndexedDB). Any promise may fail. */
export interface Archive {
  /** Resolves to the record's key once it is stored; keys grow. */
  put(text: string): Promise<number>;
  all(): Promise<[number, string][]>;
  remove(keys: number[]): Promise<void>;
}

export interface KeeperOptions {
  /** Of this page alone. */
  name: string;
  outbox: Outbox;
  tails: Tails;
  archive: Archive;
  /** Runs `act` while no other page of the site does, where the browser can tell; else at once. */
  alone: (act: () => Promise<void>) => void;
  clock: Clock;
  timers: Timers;
  /** Events of earlier pages are in the outbox. */
  onAdopted: () => void;
}

/** Some events of one view; a tail or a record is a list of them, as JSON. */
interface Left {
  view: View;
  events: ViewEvent[];
}

const PREFIX = "viewbox.tail.";
/** localStorage is synchronous and shared: a tail, not an archive. */
const TAIL_CHARS = 8 * 1024;
const ARCHIVE_CHARS = 5_000_000;
const MAX_AGE_MS = 7 * 86_400_000;
/** What happened since is in the tail. */
const SPILL_MS = 200;

export type Keeper = ReturnType<typeof createKeeper>;

export function createKeeper({ name, outbox, tails, archive, alone, clock, timers, onAdopted }: KeeperOptions) {
  const tailKey = PREFIX + name;
  const sizes = new Map<number, number>(); // of each record known, the oldest first
  let own: number[] = []; // keys of this page's records
  let troubled = false; // the archive takes all
  let spilling = false;
  let stopped = false;
  let finishAdoption: (() => void) | null = null;

  const unanswered = (adopted: boolean) =>
    outbox.shelves.filter((shelf) => shelf.adopted === adopted && shelf.texts.length);

  /** Something was added or answered. */
  function save(): void {
    if (stopped) return;
    const shelves = unanswered(false);
    saveTail(shelves);
    if (troubled && !spilling) {
      spilling = true;
      timers.set(() => void spill(), SPILL_MS);
    }
    if (!shelves.length && own.length) {
      troubled = false;
      void forget(own);
      own = [];
    }
    if (!unanswered(true).length) finishAdoption?.();
  }

  /** The newest unanswered events, as many as the tail holds. */
  function saveTail(shelves: Shelf[]): void {
    let room = TAIL_CHARS;
    const kept: string[] = [];
    for (const { view, texts } of shelves.reverse()) {
      room -= leftText(view, []).length;
      let from = texts.length;
      while (from) {
        room -= (texts[from - 1] as string).length + 1;
        if (room < 0) break;
        from--;
      }
      if (from) troubled = true;
      if (from < texts.length) kept.push(leftText(view, texts.slice(from)));
    }
    attempt(() => (kept.length ? tails.set(tailKey, `[${kept}]`) : tails.remove(tailKey)));
  }

  /** Puts into the archive what it does not hold yet, and makes room for it by forgetting what is oldest. */
  async function spill(): Promise<void> {
    try {
      for (const shelf of unanswered(false)) {
        const texts = shelf.texts.slice(shelf.archived);
        if (!texts.length || stopped) continue;
        shelf.archived = shelf.texts.length;
        const text = `[${leftText(shelf.view, texts)}]`;
        const key = await archive.put(text);
        own.push(key);
        sizes.set(key, text.length);
      }
      let chars = 0;
      for (const size of sizes.values()) chars += size;
      const oldest: number[] = [];
      for (const [key, size] of sizes) {
        if (chars <= ARCHIVE_CHARS) break;
        chars -= size;
        oldest.push(key);
      }
      await forget(oldest);
      spilling = false;
      save();
    } catch {
      // Full or forbidden: `spilling` stays, so that nobody tries again. The newest events are in the tail.
    }
  }

  async function forget(keys: number[]): Promise<void> {
    for (const key of keys) sizes.delete(key);
    if (keys.length) await archive.remove(keys).catch(() => undefined);
  }

  /** Takes over what earlier pages left behind, and forgets it there when all of it is answered for. */
  async function adopt(): Promise<void> {
    const kept = attempt(() => tails.keys().filter((key) => key.startsWith(PREFIX) && key !== tailKey)) ?? [];
    const found = kept.map((key) => [key, attempt(() => tails.get(key))] as const);
    const records = (await archive.all().catch(() => [])).filter(([key]) => !own.includes(key));
    if (stopped) return;
    const views = new Map<string, { view: View; bySeq: Map<number, string> }>();
    for (const [, text] of [...records, ...found]) {
      for (const { view, events } of attempt(() => JSON.parse(text ?? "") as Left[]) ?? []) {
        if (clock.wallMs() - view.started_at_ms > MAX_AGE_MS) continue;
        const { bySeq } = views.get(view.view_id) ?? { bySeq: new Map<number, string>() };
        for (const event of events) bySeq.set(event.seq, JSON.stringify(event));
        views.set(view.view_id, { view, bySeq });
      }
    }
    for (const { view, bySeq } of views.values()) {
      outbox.adopt(
        view,
        [...bySeq].sort(([a], [b]) => a - b).map(([, text]) => text),
      );
    }
    for (const [key, text] of records) sizes.set(key, text.length);
    if (views.size) {
      const answered = new Promise<void>((resolve) => {
        finishAdoption = resolve;
      });
      onAdopted();
      await answered;
      finishAdoption = null;
      if (unanswered(true).length) return; // the page went before the answers came
    }
    // Another page may live and have written more meanwhile: that tail is its own affair.
    for (const [key, text] of found) attempt(() => tails.get(key) === text && tails.remove(key));
    await forget(records.map(([key]) => key));
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
      await forget((await archive.all().catch(() => [])).map(([key]) => key));
    },
  };
}

function leftText(view: View, texts: string[]): string {
  return `{"view":${JSON.stringify(view)},"events":[${texts}]}`;
}

/** Storage may be full, forbidden or damaged: then there is none. */
function attempt<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}
