// What was recorded and is not yet known to be on the server's disk. An event leaves only when it is answered for.
import { MAX_EVENTS_PER_MESSAGE, type View, type ViewEvent } from "./events";

/**
 * Longest message, in characters: 48,000 bytes in the worst script, so that one message is also one beacon (browsers
 * share 64 KiB between all that are on their way) and the server's 64 KiB are never reached.
 */
const MAX_CHARS = 16_000;
/** A day offline. Above it the oldest go; the server sees the gap in `seq`. */
const MAX_HELD = 20_000;

/** One view's unanswered events as JSON, in seq order: first those in flight, then those that wait. */
export interface Shelf {
  readonly view: View;
  readonly texts: string[];
  inFlight: number;
  contextDue: boolean;
  /** How many of the first ones are in the archive too. */
  archived: number;
  /** An earlier page's: whoever kept them forgets them. */
  adopted: boolean;
}

interface Flight {
  shelf: Shelf;
  count: number;
}

export type Outbox = ReturnType<typeof createOutbox>;

export function createOutbox() {
  const shelves = new Map<string, Shelf>();
  let flights: Flight[] = [];

  function shelfOf(view: View, adopted = false): Shelf {
    const found = shelves.get(view.view_id) ?? { view, texts: [], inFlight: 0, contextDue: true, archived: 0, adopted };
    shelves.set(view.view_id, found);
    return found;
  }

  return {
    add(view: View, event: ViewEvent): void {
      const shelf = shelfOf(view);
      shelf.texts.push(JSON.stringify(event));
      if (shelf.texts.length > MAX_HELD && !shelf.inFlight) shelf.texts.shift();
    },

    /** Events that an earlier page left behind. */
    adopt(view: View, texts: string[]): void {
      shelfOf(view, true).texts.push(...texts);
    },

    /** The context says more than before (the duration became known): the view's next message carries it again. */
    contextChanged(view: View): void {
      shelfOf(view).contextDue = true;
    },

    /** What is not answered for, view by view. */
    get shelves(): Shelf[] {
      return [...shelves.values()];
    },

    /** Messages on their way. */
    get inFlight(): number {
      return flights.length;
    },

    get hasWaiting(): boolean {
      return this.shelves.some(({ texts, inFlight }) => texts.length > inFlight);
    },

    /** The next message to send, now in flight; null when nothing waits. */
    take(sentAtMs: number): string | null {
      for (const shelf of shelves.values()) {
        const [text, count] = message(shelf, shelf.inFlight, sentAtMs, shelf.contextDue);
        if (!count) continue;
        shelf.contextDue = false;
        shelf.inFlight += count;
        flights.push({ shelf, count });
        return text;
      }
      return null;
    },

    /** The oldest message in flight was answered: stored, refused or unreadable, it is not sent again. */
    answered(): void {
      const flight = flights.shift();
      if (!flight) return;
      const { shelf, count } = flight;
      shelf.texts.splice(0, count);
      shelf.inFlight -= count;
      shelf.archived = Math.max(0, shelf.archived - count);
      if (!shelf.texts.length && shelves.size > 1) shelves.delete(shelf.view.view_id);
    },

    /**
     * Everything in flight is sent again, and each view's next message carries the context. With `answersDue` the line
     * still stands: the answers to the other messages on their way will come, and mean nothing any more.
     */
    recall(answersDue = false): void {
      flights = answersDue ? flights.slice(1).map(({ shelf }) => ({ shelf, count: 0 })) : [];
      for (const shelf of shelves.values()) {
        shelf.inFlight = 0;
        shelf.contextDue = true;
      }
    },

    /** All that is not answered for, as messages; nothing is forgotten. */
    *copies(sentAtMs: number): Iterable<string> {
      for (const shelf of shelves.values()) {
        for (let from = 0; from < shelf.texts.length; ) {
          const [text, count] = message(shelf, from, sentAtMs, !from);
          yield text;
          from += count;
        }
      }
    },
  };
}

/** A message of as many events from `from` on as it may hold, at least one if there is any; and how many they are. */
function message({ view, texts }: Shelf, from: number, sent_at_ms: number, withContext: boolean): [string, number] {
  const head = JSON.stringify({ ...view, context: withContext ? view.context : undefined, sent_at_ms });
  let chars = head.length;
  let to = from;
  while (to < texts.length && to - from < MAX_EVENTS_PER_MESSAGE) {
    chars += (texts[to] as string).length + 1;
    if (chars > MAX_CHARS && to > from) break;
    to++;
  }
  return [`${head.slice(0, -1)},"events":[${texts.slice(from, to)}]}`, to - from];
}
