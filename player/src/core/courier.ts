// Carries what is on the shelves to the server: WebSocket first, POST when it cannot open.
import { backoffMs } from "./backoff";
import type { Clock } from "./clock";
import type { View } from "./events";
import type { message, Shelf, Shelves } from "./shelves";

interface Ack {
  view_id: string;
  seq: number;
  server_ms: number;
}

/** To one message (contract: events.md, "Answers"); by POST with a list of acks. */
export interface Answer {
  ack?: Ack;
  acks?: Ack[];
  rejected?: { view_id: string; seq: number; code: string; hint?: string }[];
  error?: { code: string; hint?: string };
  retry_after_ms?: number;
}

export interface Socket {
  send(text: string): void;
  close(): void;
}

/** `status` 0 = the network failed; `retryAfterMs` 0 = the server did not say. */
export interface PostResult {
  status: number;
  text: string;
  retryAfterMs: number;
}

/** The ways out of the page that are answered. */
export interface Transport {
  connect(opened: (event?: unknown) => void, answered: (text: string) => void, closed: (code: number) => void): Socket;
  post(text: string): Promise<PostResult>;
}

export interface Timers {
  set(callback: () => void, delayMs: number): number;
  clear(timer: number | undefined): void;
}

export interface CourierOptions {
  shelves: Shelves;
  write: typeof message;
  transport: Transport;
  clock: Clock;
  timers: Timers;
  random: () => number;
  onAnswer: (answer: Answer) => void;
  /** These events were answered for, and are on no shelf any more. */
  forget: (view: View, texts: string[]) => void;
}

/** What the line does. Numbers, as phases are. */
const DOWN = 0; // nothing to carry yet
const OPENING = 1;
const OPEN = 2;
const PAUSING = 3; // back-off; without end where the server wants a token that we do not have

/** Ordinary events wait this long for company. */
export const BATCH_MS = 1000;
/** Long enough for an interval and the pause that closed it to travel together. */
const URGENT_MS = 20;
/** A socket that answers nothing for so long is dead, whatever TCP believes. */
const ANSWER_TIMEOUT_MS = 15_000;
/** WebSockets that fail this often in a row are taken to be blocked on this network. */
const SOCKET_FAILURES = 2;
/** How long POST is used before a WebSocket is tried again. */
const POST_ERA_MS = 60_000;
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;
/** Stored, or nobody will ever be able to read it. */
const SETTLED = [200, 413, 422];
const UNAUTHORIZED = 401;

export type Courier = ReturnType<typeof createCourier>;

export function createCourier({
  shelves,
  write,
  transport: { connect, post },
  clock: { monoMs: now, wallMs },
  timers: { set, clear },
  random,
  onAnswer,
  forget,
}: CourierOptions) {
  let line = DOWN;
  /** Whose message is on its way. One at a time: a server that is slow is not made faster by more. */
  let flying: Shelf | null = null;
  let socket: Socket | null = null; // of a line that opens or is open
  let failures = 0;
  let socketFailures = 0;
  let postUntilMs = 0;
  let holdUntilMs = 0; // the server asked for patience
  let flushTimer: number | undefined;
  let flushAtMs = 0;
  let lineTimer: number | undefined; // of the answer that is due, or of the pause

  /** Something was added. Urgent things go at once, others when the batch is due. */
  function notify(urgent: boolean): void {
    const atMs = Math.max(now() + (urgent ? URGENT_MS : BATCH_MS), holdUntilMs);
    if (flushTimer && flushAtMs <= atMs) return;
    clear(flushTimer);
    flushAtMs = atMs;
    flushTimer = set(() => {
      flushTimer = 0;
      flush();
    }, atMs - now());
  }

  function flush(): void {
    const shelf = [...shelves.values()].find(({ texts }) => texts.length);
    if (flying || !shelf) return;
    if (now() < holdUntilMs) notify(false);
    else if (line === DOWN) now() < postUntilMs ? carry(shelf) : open();
    else if (line === OPEN) {
      socket?.send(take(shelf));
      expectAnswer();
    }
    // else an attempt is on its way, or its time will come
  }

  /** The network is back, or the page is: no reason to wait any longer. */
  function wake(): void {
    if (line === PAUSING) {
      become(DOWN);
      failures = 0;
    }
    flush();
  }

  /** The page goes, and may come back: an open socket would keep it out of the back/forward cache. */
  function park(): void {
    clear(flushTimer);
    flushTimer = 0;
    if (flying && !socket) return; // a POST goes on by itself
    recall();
    become(DOWN);
  }

  /** Whatever the line was, its timer and its socket are no more. */
  function become(next: number): void {
    const last = socket;
    line = next;
    clear(lineTimer);
    socket = null;
    last?.close();
  }

  // -- the message on its way --------------------------------------------------------------------------------------

  function take(shelf: Shelf): string {
    const [text, count] = write(shelf, 0, wallMs(), shelf.contextDue);
    shelf.contextDue = false;
    shelf.inFlight = count;
    flying = shelf;
    return text;
  }

  /** Stored, refused or unreadable, it is not sent again. */
  function answered(): void {
    if (!flying) return;
    const { view, texts, inFlight } = flying;
    flying.inFlight = 0;
    flying = null;
    forget(view, texts.splice(0, inFlight));
    if (!texts.length && shelves.size > 1) shelves.delete(view.view_id);
  }

  /** It is sent again, and each view's next message carries the context. */
  function recall(): void {
    flying = null;
    for (const shelf of shelves.values()) {
      shelf.inFlight = 0;
      shelf.contextDue = true;
    }
  }

  // -- WebSocket ---------------------------------------------------------------------------------------------------

  function open(): void {
    let mine: Socket | null = null;
    const ifCurrent =
      <Value>(act: (value: Value) => void) =>
      (value: Value) => {
        if (socket === mine) act(value);
      };
    try {
      mine = connect(
        ifCurrent(() => {
          clear(lineTimer);
          socketFailures = 0;
          line = OPEN;
          flush();
        }),
        ifCurrent(heard),
        ifCurrent(lost),
      );
    } catch {
      lost(0); // a policy of the page forbids WebSockets
      return;
    }
    line = OPENING;
    socket = mine;
    expectAnswer();
  }

  function heard(text: string): void {
    const answer = parse(text);
    if (!answer) return;
    clear(lineTimer);
    if (answer.retry_after_ms === undefined) settle(answer);
    else {
      recall();
      hold(answer.retry_after_ms);
      flush();
    }
  }

  /** The line broke, or never came to be. */
  function lost(code: number): void {
    const wasOpen = line === OPEN;
    become(DOWN);
    if (code === TOO_BIG) answered(); // it would be too big again
    recall();
    if (code === POLICY_VIOLATION) line = PAUSING;
    else if (!wasOpen && ++socketFailures >= SOCKET_FAILURES) {
      socketFailures = 0;
      postUntilMs = now() + POST_ERA_MS;
      flush(); // another way is no repetition: no back-off
    } else pause();
  }

  // -- POST --------------------------------------------------------------------------------------------------------

  async function carry(shelf: Shelf): Promise<void> {
    const { status, text, retryAfterMs } = await post(take(shelf));
    if (SETTLED.includes(status)) {
      settle(parse(text) ?? {});
      return;
    }
    recall();
    if (status === UNAUTHORIZED) line = PAUSING;
    else {
      hold(retryAfterMs);
      pause();
    }
  }

  // -- both --------------------------------------------------------------------------------------------------------

  function settle(answer: Answer): void {
    failures = 0;
    answered();
    onAnswer(answer);
    flush();
  }

  function pause(): void {
    line = PAUSING;
    lineTimer = set(
      () => {
        line = DOWN;
        flush();
      },
      Math.max(backoffMs(failures++, random), holdUntilMs - now()),
    );
  }

  function hold(delayMs: number): void {
    holdUntilMs = Math.max(holdUntilMs, now() + delayMs);
  }

  function expectAnswer(): void {
    lineTimer = set(() => lost(0), ANSWER_TIMEOUT_MS);
  }

  return { notify, flush, wake, park };
}

function parse(text: string): Answer | null {
  try {
    const value: unknown = JSON.parse(text);
    return value && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
