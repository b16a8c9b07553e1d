// Messages on their way: which events they hold, and what an answer, or the lack of one, means for those.
import type { message, Shelf, Shelves } from "./shelves";

interface Flight {
  shelf: Shelf;
  count: number;
}

export type Flights = ReturnType<typeof createFlights>;

/** Takes messages from `shelves`, and events off them once they are answered for. */
export function createFlights(shelves: Shelves, write: typeof message) {
  let flights: Flight[] = [];

  return {
    /** How many there are. */
    count: () => flights.length,

    /** Something has not been sent. */
    waiting: () => [...shelves.values()].some(({ texts, inFlight }) => texts.length > inFlight),

    /** The next message to send, now in flight; null when nothing waits. */
    take(sentAtMs: number): string | null {
      for (const shelf of shelves.values()) {
        const [text, count] = write(shelf, shelf.inFlight, sentAtMs, shelf.contextDue);
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
      if (!shelf.texts.length && shelves.size > 1) shelves.delete(shelf.view.view_id);
    },

    /**
     * Everything in flight is sent again, and each view's next message carries the context. With `answersDue` the line
     * still stands: the answers to the other messages on their way will come, and mean nothing any more.
     */
    recall(answersDue?: boolean): void {
      flights = answersDue ? flights.slice(1).map(({ shelf }) => ({ shelf, count: 0 })) : [];
      for (const shelf of shelves.values()) {
        shelf.inFlight = 0;
        shelf.contextDue = true;
      }
    },
  };
}
