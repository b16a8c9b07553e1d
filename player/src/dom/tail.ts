// With consent: the newest unanswered events of this page in localStorage, so that a crash loses none of them.
import type { View, ViewEvent } from "../core/events";

const PREFIX = "viewbox.tail.";
/** localStorage is synchronous and shared: a tail, not an archive. */
const MAX_CHARS = 8 * 1024;
const MAX_AGE_MS = 7 * 86_400_000;

interface Tail {
  view: View;
  events: ViewEvent[];
}

export function saveTail({ view, events }: Tail): void {
  const key = PREFIX + view.viewId;
  try {
    if (events.length === 0) {
      localStorage.removeItem(key);
      return;
    }
    let from = Math.max(0, events.length - 40);
    let text = JSON.stringify({ view, events: events.slice(from) });
    while (text.length > MAX_CHARS && from < events.length - 1) {
      from += Math.ceil((events.length - from) / 2);
      text = JSON.stringify({ view, events: events.slice(from) });
    }
    localStorage.setItem(key, text);
  } catch {
    // full or forbidden: the events are still in memory
  }
}

/** What earlier pages left behind. Two tabs may both take it; the server keeps each event once. */
export function takeTails(nowMs: number): Tail[] {
  const tails: Tail[] = [];
  try {
    for (const key of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) {
      const tail = JSON.parse(localStorage.getItem(key) ?? "null") as Tail | null;
      if (tail && nowMs - tail.view.startedAtMs < MAX_AGE_MS) tails.push(tail);
      else localStorage.removeItem(key);
    }
  } catch {
    // forbidden or damaged: nothing to bring back
  }
  return tails;
}

export function forgetTails(): void {
  try {
    for (const key of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) localStorage.removeItem(key);
  } catch {
    // nothing was stored
  }
}
