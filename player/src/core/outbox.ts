// What was recorded and is not yet known to be on the server's disk. An event leaves only when it is answered for.
import {
  MAX_EVENTS_PER_MESSAGE,
  MAX_MESSAGE_BYTES,
  type Message,
  SCHEMA_VERSION,
  type View,
  type ViewEvent,
} from "./events";

/** Room for the envelope of a message beside its events. */
const MESSAGE_BYTES = MAX_MESSAGE_BYTES - 4096;
/** A day offline. Above it the oldest go; the server sees the gap in `seq`. */
const MAX_HELD = 20_000;

interface Held {
  event: ViewEvent;
  bytes: number;
}

interface Shelf {
  view: View;
  held: Held[]; // in seq order: first those in flight, then those that wait
  inFlight: number; // how many of `held` are on their way
  contextDue: boolean;
}

interface Flight {
  viewId: string;
  count: number;
}

const encoder = new TextEncoder();

export class Outbox {
  readonly #shelves = new Map<string, Shelf>();
  #flights: Flight[] = [];
  #dropped = 0;

  add(view: View, event: ViewEvent): void {
    const shelf = this.#shelf(view);
    shelf.held.push({ event, bytes: encoder.encode(JSON.stringify(event)).length + 1 });
    if (shelf.held.length > MAX_HELD && shelf.inFlight === 0) {
      shelf.held.shift();
      this.#dropped += 1;
    }
  }

  /** The context says more than before (the duration became known): the view's next message carries it again. */
  contextChanged(viewId: string): void {
    const shelf = this.#shelves.get(viewId);
    if (shelf) shelf.contextDue = true;
  }

  get unacked(): number {
    let count = 0;
    for (const shelf of this.#shelves.values()) count += shelf.held.length;
    return count;
  }

  get inFlight(): number {
    return this.#flights.length;
  }

  get hasWaiting(): boolean {
    for (const shelf of this.#shelves.values()) if (shelf.held.length > shelf.inFlight) return true;
    return false;
  }

  /** Events that were given up because nothing could be sent for too long, or the server could not read them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The next message to send, now in flight; null when nothing waits. */
  take(sentAtMs: number): Message | null {
    for (const shelf of this.#shelves.values()) {
      const batch = slice(shelf.held, shelf.inFlight, MESSAGE_BYTES);
      if (batch.length === 0) continue;
      const message = envelope(shelf.view, batch, sentAtMs, shelf.contextDue);
      shelf.contextDue = false;
      shelf.inFlight += batch.length;
      this.#flights.push({ viewId: shelf.view.viewId, count: batch.length });
      return message;
    }
    return null;
  }

  /** The oldest message in flight was answered: stored, refused or unreadable, it is not sent again. */
  answered(stored = true): void {
    const flight = this.#flights.shift();
    const shelf = flight && this.#shelves.get(flight.viewId);
    if (!flight || !shelf) return;
    shelf.held.splice(0, flight.count);
    shelf.inFlight -= flight.count;
    if (!stored) this.#dropped += flight.count;
    if (shelf.held.length === 0 && this.#shelves.size > 1) this.#shelves.delete(flight.viewId);
  }

  /** Everything in flight may be lost: it waits again, and the next message carries the context. */
  recall(): void {
    this.#flights = [];
    for (const shelf of this.#shelves.values()) {
      shelf.inFlight = 0;
      shelf.contextDue = true;
    }
  }

  /** All that is not answered for, as messages of at most `maxBytes` each; nothing is forgotten. */
  copies(sentAtMs: number, maxBytes: number): Message[] {
    const messages: Message[] = [];
    for (const shelf of this.#shelves.values()) {
      for (let from = 0; from < shelf.held.length; ) {
        const batch = slice(shelf.held, from, maxBytes - 2048);
        messages.push(envelope(shelf.view, batch, sentAtMs, from === 0));
        from += batch.length;
      }
    }
    return messages;
  }

  /** Views that still have unanswered events, for the store that survives a crash. */
  *remains(): Iterable<{ view: View; events: ViewEvent[] }> {
    for (const { view, held } of this.#shelves.values()) yield { view, events: held.map((each) => each.event) };
  }

  #shelf(view: View): Shelf {
    let shelf = this.#shelves.get(view.viewId);
    if (!shelf) {
      shelf = { view, held: [], inFlight: 0, contextDue: true };
      this.#shelves.set(view.viewId, shelf);
    }
    return shelf;
  }
}

/** As many events from `from` on as one message holds; at least one if there is any. */
function slice(held: Held[], from: number, maxBytes: number): ViewEvent[] {
  const events: ViewEvent[] = [];
  let bytes = 0;
  for (let i = from; i < held.length && events.length < MAX_EVENTS_PER_MESSAGE; i++) {
    const next = held[i];
    if (!next || (events.length > 0 && bytes + next.bytes > maxBytes)) break;
    bytes += next.bytes;
    events.push(next.event);
  }
  return events;
}

function envelope(view: View, events: ViewEvent[], sentAtMs: number, withContext: boolean): Message {
  return {
    v: SCHEMA_VERSION,
    view_id: view.viewId,
    video_id: view.videoId,
    viewer_id: view.viewerId,
    viewer_kind: view.viewerKind,
    session_id: view.sessionId,
    started_at_ms: view.startedAtMs,
    sent_at_ms: sentAtMs,
    ...(withContext ? { context: view.context } : {}),
    events,
  };
}
