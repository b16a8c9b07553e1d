// Carries the outbox to the server: WebSocket first, POST when it cannot open, a beacon when the page goes.
import { backoffMs } from "./backoff";
import type { Clock } from "./clock";
import type { Message } from "./events";
import type { Outbox } from "./outbox";

/** One object per message, in order (contract: events.md, "Answers"). */
export interface Answer {
  ack?: { view_id: string; seq: number; server_ms: number };
  rejected?: { view_id: string; seq: number; code: string; hint?: string }[];
  error?: { code: string; hint?: string };
  retry_after_ms?: number;
}

export interface SocketHandlers {
  opened(): void;
  answered(text: string): void;
  closed(code: number): void;
}

export interface Socket {
  send(text: string): void;
  close(): void;
}

/** `status` 0 = the network failed. */
export interface PostResult {
  status: number;
  text: string;
  retryAfterMs: number | null;
}

/** The ways out of the page. */
export interface Transport {
  connect(handlers: SocketHandlers): Socket;
  post(text: string): Promise<PostResult>;
  /** Whether the browser took it; its outcome is never known. */
  beacon(text: string): boolean;
}

export interface Timers {
  set(callback: () => void, delayMs: number): number;
  clear(timer: number): void;
}

export interface CourierOptions {
  outbox: Outbox;
  transport: Transport;
  clock: Clock;
  timers: Timers;
  random: () => number;
  /** Called after the outbox lost events by an answer. */
  onAnswer?: (answer: Answer) => void;
}

type Line =
  | { name: "down" } // nothing to carry yet
  | { name: "opening"; socket: Socket }
  | { name: "open"; socket: Socket }
  | { name: "pausing"; timer: number } // back-off
  | { name: "posting" }
  | { name: "barred" }; // the server wants a token that we do not have

/** Ordinary events wait this long for company. */
export const BATCH_MS = 1000;
/** Long enough for an interval and the pause that closed it to travel together. */
const URGENT_MS = 20;
/** More unanswered messages than this do not make the server faster. */
const MAX_IN_FLIGHT = 16;
/** A socket that answers nothing for so long is dead, whatever TCP believes. */
const ANSWER_TIMEOUT_MS = 15_000;
/** WebSockets that fail this often in a row are taken to be blocked on this network. */
const SOCKET_FAILURES = 2;
/** How long POST is used before a WebSocket is tried again. */
const POST_ERA_MS = 60_000;
/** Browsers share 64 KiB between all beacons that are on their way. */
const BEACON_BYTES = 48 * 1024;
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;

export class Courier {
  readonly #o: CourierOptions;
  #line: Line = { name: "down" };
  #failures = 0;
  #socketFailures = 0;
  #postUntilMs = 0;
  #holdUntilMs = 0;
  #flushTimer: number | null = null;
  #flushAtMs = 0;
  #answerTimer: number | null = null;
  #void = 0; // answers still to come that no longer matter

  constructor(options: CourierOptions) {
    this.#o = options;
  }

  /** Something was added. Urgent things go at once, others when the batch is due. */
  notify(urgent: boolean): void {
    const atMs = Math.max(this.#o.clock.monoMs() + (urgent ? URGENT_MS : BATCH_MS), this.#holdUntilMs);
    if (this.#flushTimer !== null && this.#flushAtMs <= atMs) return;
    this.#clearFlush();
    this.#flushAtMs = atMs;
    this.#flushTimer = this.#o.timers.set(() => {
      this.#flushTimer = null;
      this.flush();
    }, atMs - this.#o.clock.monoMs());
  }

  flush(): void {
    if (!this.#o.outbox.hasWaiting) return;
    if (this.#o.clock.monoMs() < this.#holdUntilMs) {
      this.notify(false);
      return;
    }
    switch (this.#line.name) {
      case "down":
        this.#start();
        return;
      case "open":
        this.#sendAll(this.#line.socket);
        return;
      default: // an attempt is on its way, or its time will come
        return;
    }
  }

  /** The network is back, or the page is: no reason to wait any longer. */
  wake(): void {
    if (this.#line.name === "pausing") {
      this.#o.timers.clear(this.#line.timer);
      this.#line = { name: "down" };
      this.#failures = 0;
    }
    this.flush();
  }

  /** The page may be gone in a moment: a copy of all that is unanswered leaves by beacon. Nothing is forgotten. */
  farewell(): void {
    for (const text of bodies(this.#o.outbox.copies(this.#o.clock.wallMs(), BEACON_BYTES), BEACON_BYTES)) {
      if (!this.#o.transport.beacon(text)) return; // the browser's quota; what is left stays in the outbox
    }
  }

  /** The page goes, and may come back: an open socket would keep it out of the back/forward cache. */
  park(): void {
    this.farewell();
    this.#clearFlush();
    this.#clearAnswerTimer();
    const line = this.#line;
    if (line.name === "barred" || line.name === "posting") return;
    this.#line = { name: "down" };
    this.#o.outbox.recall();
    if (line.name === "pausing") this.#o.timers.clear(line.timer);
    if (line.name === "open" || line.name === "opening") line.socket.close();
  }

  #start(): void {
    if (this.#o.clock.monoMs() < this.#postUntilMs) void this.#post();
    else this.#connect();
  }

  // -- WebSocket ---------------------------------------------------------------------------------------------------

  #connect(): void {
    let socket: Socket | null = null;
    const isCurrent = () =>
      (this.#line.name === "opening" || this.#line.name === "open") && this.#line.socket === socket;
    try {
      socket = this.#o.transport.connect({
        opened: () => {
          if (!isCurrent() || !socket) return;
          this.#socketFailures = 0;
          this.#void = 0;
          this.#line = { name: "open", socket };
          this.#sendAll(socket);
        },
        answered: (text) => {
          if (isCurrent()) this.#take(text);
        },
        closed: (code) => {
          if (isCurrent()) this.#closed(code);
        },
      });
    } catch {
      this.#closed(0); // a policy of the page forbids WebSockets
      return;
    }
    this.#line = { name: "opening", socket };
    this.#expectAnswer();
  }

  #sendAll(socket: Socket): void {
    while (this.#o.outbox.inFlight < MAX_IN_FLIGHT) {
      const message = this.#o.outbox.take(this.#o.clock.wallMs());
      if (!message) break;
      socket.send(JSON.stringify(message));
    }
    if (this.#o.outbox.inFlight > 0) this.#expectAnswer();
    else this.#clearAnswerTimer();
  }

  #take(text: string): void {
    const answer = parse(text);
    if (!answer) return;
    this.#clearAnswerTimer();
    if (this.#void > 0) {
      this.#void -= 1;
      return;
    }
    if (answer.retry_after_ms !== undefined) {
      this.#void = this.#o.outbox.inFlight - 1; // all of it is sent again in order, whatever these answers say
      this.#o.outbox.recall();
      this.#hold(answer.retry_after_ms);
      this.notify(false);
      return;
    }
    this.#failures = 0;
    this.#o.outbox.answered(!answer.error);
    this.#o.onAnswer?.(answer);
    if (this.#line.name === "open") this.#sendAll(this.#line.socket);
  }

  #closed(code: number): void {
    const neverOpened = this.#line.name !== "open";
    this.#clearAnswerTimer();
    if (code === TOO_BIG) this.#o.outbox.answered(false); // it would be too big again
    this.#o.outbox.recall();
    if (code === POLICY_VIOLATION) {
      this.#line = { name: "barred" };
      return;
    }
    if (neverOpened && ++this.#socketFailures >= SOCKET_FAILURES) {
      this.#socketFailures = 0;
      this.#postUntilMs = this.#o.clock.monoMs() + POST_ERA_MS;
      this.#line = { name: "down" };
      this.flush(); // another way is no repetition: no back-off
      return;
    }
    this.#pause();
  }

  // -- POST --------------------------------------------------------------------------------------------------------

  async #post(): Promise<void> {
    this.#line = { name: "posting" };
    const { outbox, clock } = this.#o;
    const message = outbox.take(clock.wallMs());
    if (!message) {
      this.#line = { name: "down" };
      return;
    }
    const result = await this.#o.transport.post(JSON.stringify({ messages: [message] }));
    this.#line = { name: "down" };
    if (result.status === 200) {
      this.#failures = 0;
      const body = parse(result.text) as { acks?: Answer["ack"][]; rejected?: Answer["rejected"]; errors?: unknown[] };
      outbox.answered(!body?.errors?.length);
      this.#o.onAnswer?.({ ack: body?.acks?.[0], rejected: body?.rejected });
      this.flush();
    } else if (result.status === 413 || result.status === 422) {
      outbox.answered(false); // nobody will ever be able to read it
      this.flush();
    } else if (result.status === 401) {
      outbox.recall();
      this.#line = { name: "barred" };
    } else {
      outbox.recall();
      if (result.retryAfterMs !== null) this.#hold(result.retryAfterMs);
      this.#pause();
    }
  }

  // -- waiting -----------------------------------------------------------------------------------------------------

  #pause(): void {
    const delayMs = Math.max(backoffMs(this.#failures++, this.#o.random), this.#holdUntilMs - this.#o.clock.monoMs());
    const timer = this.#o.timers.set(() => {
      this.#line = { name: "down" };
      this.flush();
    }, delayMs);
    this.#line = { name: "pausing", timer };
  }

  #hold(delayMs: number): void {
    this.#holdUntilMs = this.#o.clock.monoMs() + Math.max(0, delayMs);
  }

  #expectAnswer(): void {
    this.#clearAnswerTimer();
    this.#answerTimer = this.#o.timers.set(() => {
      const line = this.#line;
      if (line.name !== "open" && line.name !== "opening") return;
      this.#closed(0);
      line.socket.close();
    }, ANSWER_TIMEOUT_MS);
  }

  #clearAnswerTimer(): void {
    if (this.#answerTimer !== null) this.#o.timers.clear(this.#answerTimer);
    this.#answerTimer = null;
  }

  #clearFlush(): void {
    if (this.#flushTimer !== null) this.#o.timers.clear(this.#flushTimer);
    this.#flushTimer = null;
  }
}

function parse(text: string): Answer | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}

/** POST bodies of at most `maxBytes` characters, whole messages each. */
function* bodies(messages: Message[], maxBytes: number): Iterable<string> {
  let texts: string[] = [];
  let length = 0;
  for (const message of messages) {
    const text = JSON.stringify(message);
    if (texts.length > 0 && length + text.length > maxBytes) {
      yield `{"messages":[${texts.join(",")}]}`;
      texts = [];
      length = 0;
    }
    texts.push(text);
    length += text.length + 1;
  }
  if (texts.length > 0) yield `{"messages":[${texts.join(",")}]}`;
}
