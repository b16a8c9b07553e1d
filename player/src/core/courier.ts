// Carries the outbox to the server: WebSocket first, POST when it cannot open, a beacon when the page goes.
import { backoffMs } from "./backoff";
import type { Clock } from "./clock";
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

/** `status` 0 = the network failed; `retryAfterMs` 0 = the server did not say. */
export interface PostResult {
  status: number;
  text: string;
  retryAfterMs: number;
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
  clear(timer: number | undefined): void;
}

export interface CourierOptions {
  outbox: Outbox;
  transport: Transport;
  clock: Clock;
  timers: Timers;
  random: () => number;
  /** The outbox lost events by an answer. */
  onAnswer: (answer: Answer) => void;
  /** The server cannot be reached, or takes nothing: what is unanswered may have to wait for long. */
  onTrouble: () => void;
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
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;
const DOWN: Line = { name: "down" };
const BARRED: Line = { name: "barred" };

export type Courier = ReturnType<typeof createCourier>;

export function createCourier({ outbox, transport, clock, timers, random, onAnswer, onTrouble }: CourierOptions) {
  const now = clock.monoMs;
  let line: Line = DOWN;
  let failures = 0;
  let socketFailures = 0;
  let postUntilMs = 0;
  let holdUntilMs = 0; // the server asked for patience
  let flushTimer: number | undefined;
  let flushAtMs = 0;
  let answerTimer: number | undefined;

  /** Something was added. Urgent things go at once, others when the batch is due. */
  function notify(urgent: boolean): void {
    const atMs = Math.max(now() + (urgent ? URGENT_MS : BATCH_MS), holdUntilMs);
    if (flushTimer && flushAtMs <= atMs) return;
    timers.clear(flushTimer);
    flushAtMs = atMs;
    flushTimer = timers.set(() => {
      flushTimer = 0;
      flush();
    }, atMs - now());
  }

  function flush(): void {
    if (!outbox.hasWaiting) return;
    if (now() < holdUntilMs) notify(false);
    else if (line.name === "down") now() < postUntilMs ? void post() : connect();
    else if (line.name === "open") sendAll(line.socket);
    // else an attempt is on its way, or its time will come
  }

  /** The network is back, or the page is: no reason to wait any longer. */
  function wake(): void {
    if (line.name === "pausing") {
      timers.clear(line.timer);
      line = DOWN;
      failures = 0;
    }
    flush();
  }

  /** The page may be gone in a moment: a copy of all that is unanswered leaves by beacon. Nothing is forgotten. */
  function farewell(): void {
    for (const text of outbox.copies(clock.wallMs())) {
      if (!transport.beacon(text)) return; // the browser's quota; what is left stays in the outbox
    }
  }

  /** The page goes, and may come back: an open socket would keep it out of the back/forward cache. */
  function park(): void {
    farewell();
    timers.clear(flushTimer);
    timers.clear(answerTimer);
    flushTimer = 0;
    const { name } = line;
    if (name === "barred" || name === "posting") return;
    outbox.recall();
    if (line.name === "pausing") timers.clear(line.timer);
    const socket = "socket" in line ? line.socket : null;
    line = DOWN;
    socket?.close();
  }

  // -- WebSocket ---------------------------------------------------------------------------------------------------

  function connect(): void {
    let socket: Socket | null = null;
    const ifCurrent =
      <Args extends unknown[]>(act: (...args: Args) => void) =>
      (...args: Args) => {
        if ("socket" in line && line.socket === socket) act(...args);
      };
    try {
      socket = transport.connect({
        opened: ifCurrent(() => {
          socketFailures = 0;
          line = { name: "open", socket: socket as Socket };
          sendAll(line.socket);
        }),
        answered: ifCurrent(take),
        closed: ifCurrent(lost),
      });
    } catch {
      lost(0); // a policy of the page forbids WebSockets
      return;
    }
    line = { name: "opening", socket };
    expectAnswer();
  }

  function sendAll(socket: Socket): void {
    while (outbox.inFlight < MAX_IN_FLIGHT) {
      const text = outbox.take(clock.wallMs());
      if (!text) break;
      socket.send(text);
    }
    timers.clear(answerTimer);
    if (outbox.inFlight) expectAnswer();
  }

  function take(text: string): void {
    const answer = parse(text);
    if (!answer) return;
    timers.clear(answerTimer);
    if (answer.retry_after_ms !== undefined) {
      outbox.recall(true);
      hold(answer.retry_after_ms);
      notify(false);
      return;
    }
    failures = 0;
    outbox.answered();
    onAnswer(answer);
    if (line.name === "open" && now() >= holdUntilMs) sendAll(line.socket);
  }

  /** The line broke, or never came to be. */
  function lost(code: number): void {
    timers.clear(answerTimer);
    if (code === TOO_BIG) outbox.answered(); // it would be too big again
    outbox.recall();
    if (code === POLICY_VIOLATION) line = BARRED;
    else if (line.name !== "open" && ++socketFailures >= SOCKET_FAILURES) {
      socketFailures = 0;
      postUntilMs = now() + POST_ERA_MS;
      line = DOWN;
      flush(); // another way is no repetition: no back-off
    } else pause();
  }

  // -- POST --------------------------------------------------------------------------------------------------------

  async function post(): Promise<void> {
    const text = outbox.take(clock.wallMs()) as string; // only called when something waits
    line = { name: "posting" };
    const result = await transport.post(text);
    const { status } = result;
    line = DOWN;
    if (status === 200 || status === 413 || status === 422) {
      // Stored, or nobody will ever be able to read it.
      failures = 0;
      outbox.answered();
      const body = parse(result.text) as { acks?: Answer["ack"][]; rejected?: Answer["rejected"] } | null;
      onAnswer({ ack: body?.acks?.[0], rejected: body?.rejected });
      flush();
      return;
    }
    outbox.recall();
    if (status === 401) line = BARRED;
    else {
      hold(result.retryAfterMs);
      pause();
    }
  }

  // -- waiting -----------------------------------------------------------------------------------------------------

  function pause(): void {
    onTrouble();
    const timer = timers.set(
      () => {
        line = DOWN;
        flush();
      },
      Math.max(backoffMs(failures++, random), holdUntilMs - now()),
    );
    line = { name: "pausing", timer };
  }

  function hold(delayMs: number): void {
    holdUntilMs = Math.max(holdUntilMs, now() + delayMs);
    onTrouble();
  }

  function expectAnswer(): void {
    timers.clear(answerTimer);
    answerTimer = timers.set(() => {
      if (!("socket" in line)) return;
      const { socket } = line;
      lost(0);
      socket.close();
    }, ANSWER_TIMEOUT_MS);
  }

  return { notify, flush, wake, farewell, park };
}

function parse(text: string): Answer | null {
  try {
    const value: unknown = JSON.parse(text);
    return value && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
