// With consent: what is unanswered survives the page. Each event is put into storage when it happens and taken out when
// it is answered for; the next page sends what it finds there. Two pages may find the same: the server stores it once.
import type { View } from "./events";
import type { Shelf, Shelves, shelfOf } from "./shelves";

/** Synchronous storage, shared by all pages of a site (localStorage). Whatever is done with it may throw. */
export interface Drawer {
  readonly length: number;
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
  removeItem(key: string): void;
}

export interface KeeperOptions {
  shelves: Shelves;
  shelfOf: typeof shelfOf;
  drawer: () => Drawer;
  wallMs: () => number;
  /** Events of earlier pages are on the shelves. */
  onFound: () => void;
}

/** Of a view's key, which holds the view; followed by an event's text (a key that holds nothing) it is that event's. */
const PREFIX = "viewbox.left.";
const isOurs = (key: string) => key.startsWith(PREFIX);
/** Seven hours of playing, about 1 MB: storage is the host page's too. What comes after stays in memory alone. */
const MAX_KEYS = 5000;
const MAX_AGE_MS = 7 * 86_400_000;

export type Keeper = ReturnType<typeof createKeeper>;

export function createKeeper({ shelves, shelfOf, drawer, wallMs, onFound }: KeeperOptions) {
  let consent = false;

  const keys = () => attempt(() => Object.keys(drawer()).filter(isOurs)) ?? [];
  const remove = (key: string) => attempt(() => drawer().removeItem(key));

  /** Events were added, the shelf's last or those from `from` on. */
  function keep({ view, texts }: Shelf, from = -1): void {
    attempt(() => {
      if (!consent || !texts.length) return;
      const key = PREFIX + view.view_id;
      drawer().setItem(key, JSON.stringify(view));
      for (const text of texts.slice(from)) if (drawer().length < MAX_KEYS) drawer().setItem(key + text, "");
    });
  }

  /** These events of a view are answered for. */
  function forget({ view_id }: View, texts: string[]): void {
    if (!consent) return;
    const viewKey = PREFIX + view_id;
    for (const text of texts) remove(viewKey + text);
    // Another page may have found this view and answers for its events, while this one adds more.
    if (!keys().some((key) => key.startsWith(`${viewKey}{`))) remove(viewKey);
  }

  /** Puts what earlier pages left on the shelves. */
  function find(): void {
    const own = new Set(shelves.keys());
    for (const key of keys()) {
      const [viewKey] = key.split("{", 1) as [string];
      const text = key.slice(viewKey.length);
      const view = attempt(() => JSON.parse(drawer().getItem(viewKey) as string) as View);
      const isReadable = view && (!text || attempt(() => JSON.parse(text)));
      if (!isReadable || !(wallMs() - view.started_at_ms < MAX_AGE_MS)) remove(key);
      else if (!text) forget(view, []);
      else if (!own.has(view.view_id)) shelfOf(shelves, view).texts.push(text);
    }
    onFound();
  }

  return {
    keep,
    forget,
    /** Whether what is unanswered may outlive the page; if not, nothing stays of what does. */
    store(given: boolean): void {
      consent = given;
      if (given) {
        for (const shelf of shelves.values()) keep(shelf, 0);
        find();
      } else keys().forEach(remove);
    },
  };
}

/** Storage may be full, forbidden or damaged: then there is none. */
function attempt<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}
