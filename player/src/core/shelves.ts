// What was recorded and is not yet known to be on the server's disk. An event leaves only when it is answered for.
import { MAX_EVENTS_PER_MESSAGE, MAX_TEXT, type View, type ViewEvent } from "./events";

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
}

/** By view_id, the oldest first. */
export type Shelves = Map<string, Shelf>;

/** The view's shelf, a new one if it has none. */
export function shelfOf(shelves: Shelves, view: View): Shelf {
  const shelf = shelves.get(view.view_id) ?? { view, texts: [], inFlight: 0, contextDue: true };
  shelves.set(view.view_id, shelf);
  return shelf;
}

/**
 * For `JSON.stringify`: the first characters of each text. Never half of a pair: half a character is no text that can be
 * stored. The server refuses a message whose texts are longer.
 */
export function short(_name: string, value: unknown): unknown {
  return typeof value === "string" ? value.slice(0, MAX_TEXT).replace(/[\ud800-\udbff]$/, "") : value;
}

export function put({ texts, inFlight }: Shelf, event: ViewEvent): void {
  if (texts.push(JSON.stringify(event, short)) > MAX_HELD && !inFlight) texts.shift();
}

/** A message of as many events from `from` on as it may hold, at least one if there is any; and how many they are. */
export function message(
  { view, texts }: Shelf,
  from: number,
  sent_at_ms: number,
  withContext: boolean,
): [text: string, count: number] {
  const head = JSON.stringify({ ...view, context: withContext ? view.context : undefined, sent_at_ms }, short);
  let chars = head.length;
  let to = from;
  while (to < texts.length && to - from < MAX_EVENTS_PER_MESSAGE) {
    chars += (texts[to] as string).length + 1;
    if (chars > MAX_CHARS && to > from) break;
    to++;
  }
  return [`${head.slice(0, -1)},"events":[${texts.slice(from, to)}]}`, to - from];
}

/**
 * The page may be gone in a moment: a copy of all that is not answered for leaves by beacon. Nothing is forgotten.
 * `beacon` tells whether the browser took it; its outcome is never known.
 */
export function farewell(shelves: Shelves, sentAtMs: number, beacon: (text: string) => boolean): void {
  for (const shelf of shelves.values()) {
    for (let from = 0; from < shelf.texts.length; ) {
      const [text, count] = message(shelf, from, sentAtMs, !from);
      if (!beacon(text)) return; // the browser's quota; what is left stays where it is
      from += count;
    }
  }
}
