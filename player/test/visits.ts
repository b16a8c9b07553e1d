// A browser's storage, a server and any number of pages between them, for tests that let pages come, crash and go.
import { createCourier, type PostResult } from "../src/core/courier";
import type { Message, View, ViewEvent } from "../src/core/events";
import { createKeeper } from "../src/core/keeper";
import { farewell, message, put, type Shelves, shelfOf } from "../src/core/shelves";
import type { FakeStorage, FakeTime } from "./fakes";

/** Stores each event once by (view_id, seq), as the real one does, and counts what it could never have been sent. */
export class Server {
  readonly stored = new Map<string, string>();
  readonly conflicts: string[] = [];
  /** What a POST meets: stored and told so, stored but the answer is lost, refused, out of reach. */
  posts: "taken" | "answerLost" | "refused" | "unreachable" = "unreachable";
  beaconsArrive = true;
  socketsOpen = true;

  store(text: string): Message {
    const message = JSON.parse(text) as Message;
    for (const event of message.events) {
      const key = `${message.view_id} ${event.seq}`;
      const copy = JSON.stringify(event);
      if ((this.stored.get(key) ?? copy) !== copy) this.conflicts.push(key);
      this.stored.set(key, copy);
    }
    return message;
  }

  post(text: string): PostResult {
    const status = { taken: 200, answerLost: 0, refused: 503, unreachable: 0 }[this.posts];
    if (this.posts === "taken" || this.posts === "answerLost") this.store(text);
    return { status, text: `{"acks":[],"rejected":[],"errors":[]}`, retryAfterMs: status === 503 ? 2000 : 0 };
  }
}

interface Handlers {
  opened: () => void;
  answered: (text: string) => void;
  closed: (code: number) => void;
}

/** A page of one view: the tracker's shelves, courier and keeper, wired as in dom/tracker.ts. */
export class Page {
  readonly shelves: Shelves = new Map();
  readonly view: View;
  seq = 0;
  alive = true;
  line: { handlers: Handlers; unanswered: string[]; isOpen: boolean } | null = null;
  readonly #timers = new Set<number>();
  readonly #time: FakeTime;
  readonly #server: Server;
  readonly keeper: ReturnType<typeof createKeeper>;
  readonly courier: ReturnType<typeof createCourier>;

  constructor(name: string, time: FakeTime, server: Server, storage: FakeStorage) {
    this.#time = time;
    this.#server = server;
    this.view = {
      v: 1,
      view_id: name,
      video_id: "v",
      viewer_id: "p",
      viewer_kind: "stored",
      session_id: name,
      started_at_ms: time.wallMs(),
      context: { player_name: "viewbox" },
    };
    const timers = {
      set: (callback: () => void, delayMs: number) => {
        const timer = time.set(() => {
          this.#timers.delete(timer);
          callback();
        }, delayMs);
        this.#timers.add(timer);
        return timer;
      },
      clear: (timer: number | undefined) => {
        if (timer !== undefined) time.clear(timer);
      },
    };
    this.courier = createCourier({
      shelves: this.shelves,
      write: message,
      transport: {
        connect: (opened, answered, closed) => {
          const line = { handlers: { opened, answered, closed }, unanswered: [] as string[], isOpen: false };
          this.line = line;
          if (!server.socketsOpen) timers.set(() => this.line === line && this.break(1006), 1);
          return {
            send: (text) => line.unanswered.push(text),
            close: () => {
              if (this.line === line) this.line = null;
            },
          };
        },
        post: (text) => new Promise((resolve) => timers.set(() => resolve(server.post(text)), 5)),
      },
      clock: time,
      timers,
      random: () => 0.5,
      onAnswer: () => undefined,
      forget: (view, texts) => this.keeper.forget(view, texts),
    });
    this.keeper = createKeeper({
      shelves: this.shelves,
      shelfOf,
      drawer: () => storage,
      wallMs: time.wallMs,
      onFound: () => this.courier.notify(true),
    });
    this.keeper.store(true);
  }

  add(value = "", urgent = false): void {
    const event = { seq: this.seq++, type: "setting", name: "x", value, t_ms: this.seq, position_s: 0 } as ViewEvent;
    const shelf = shelfOf(this.shelves, this.view);
    put(shelf, event);
    this.keeper.keep(shelf);
    this.courier.notify(urgent);
  }

  open(): void {
    const { line } = this;
    if (!line || line.isOpen || !this.#server.socketsOpen) return;
    line.isOpen = true;
    line.handlers.opened();
  }

  /** The server answers the oldest message: stored, if `status` says nothing else. */
  answer(refuse = false): void {
    const { line } = this;
    const text = line?.isOpen ? line.unanswered.shift() : undefined;
    if (!line || text === undefined) return;
    if (refuse) line.handlers.answered(`{"retry_after_ms":500}`);
    else {
      const { view_id, events } = this.#server.store(text);
      line.handlers.answered(JSON.stringify({ ack: { view_id, seq: events.length, server_ms: this.#time.wallMs() } }));
    }
  }

  /** The line breaks; what was on it may have been stored all the same. */
  break(code: number, stored = false): void {
    const { line } = this;
    this.line = null;
    if (stored) for (const text of line?.unanswered ?? []) this.#server.store(text);
    line?.handlers.closed(code);
  }

  /** The renderer dies: no code of this page runs any more. */
  crash(): void {
    this.alive = false;
    this.line = null;
    for (const timer of this.#timers) this.#time.clear(timer);
  }

  /** A copy of all that is unanswered leaves by beacon. */
  goodbye(): void {
    farewell(this.shelves, this.#time.wallMs(), (text) => {
      if (this.#server.beaconsArrive) this.#server.store(text);
      return true;
    });
  }

  /** Closed or navigated away: `pagehide` first. */
  leave(): void {
    this.goodbye();
    this.courier.park();
    this.crash();
  }
}
