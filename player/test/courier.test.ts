import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCourier, type PostResult, type Transport } from "../src/core/courier";
import type { Message, View, ViewEvent } from "../src/core/events";
import { farewell, message, put, type Shelves, shelfOf } from "../src/core/shelves";
import { FakeTime } from "./fakes";

const view: View = {
  v: 1,
  view_id: "019a0000-0000-7000-8000-000000000001",
  video_id: "v1",
  viewer_id: "p1",
  viewer_kind: "page",
  session_id: "s1",
  started_at_ms: 1_763_800_000_000,
  context: { player_name: "viewbox" },
};

function event(seq: number, extra = ""): ViewEvent {
  return { seq, type: "setting", name: "x", value: extra, t_ms: seq * 10, position_s: 0 };
}

/** A server that a test opens, closes and lets answer; it keeps what it stored by (view_id, seq). */
interface Handlers {
  opened: () => void;
  answered: (text: string) => void;
  closed: (code: number) => void;
}

class FakeServer implements Transport {
  line: { handlers: Handlers; unanswered: Message[] } | null = null;
  readonly stored = new Map<string, number>();
  readonly sent: Message[] = [];
  readonly beacons: string[] = [];
  readonly posts: string[] = [];
  connects = 0;
  refusesSockets = false;
  beaconTakes = true;
  postAnswer: PostResult = { status: 0, text: "", retryAfterMs: 0 };

  connect = (opened: () => void, answered: (text: string) => void, closed: (code: number) => void) => {
    this.connects += 1;
    const line = { handlers: { opened, answered, closed }, unanswered: [] as Message[] };
    this.line = line;
    if (this.refusesSockets) queueMicrotask(() => this.close(1006));
    return {
      send: (text: string) => {
        const message = JSON.parse(text) as Message;
        this.sent.push(message);
        line.unanswered.push(message);
      },
      close: () => {
        if (this.line === line) this.line = null;
      },
    };
  };

  open(): void {
    this.line?.handlers.opened();
  }

  close(code: number): void {
    const { line } = this;
    this.line = null;
    line?.handlers.closed(code);
  }

  store(message: Message): void {
    for (const { seq } of message.events) {
      const key = `${message.view_id} ${seq}`;
      this.stored.set(key, (this.stored.get(key) ?? 0) + 1);
    }
  }

  /** Answers the oldest unanswered message with an ack. */
  ack(): void {
    const message = this.line?.unanswered.shift();
    if (!message) return;
    this.store(message);
    const seq = Math.max(...message.events.map((each) => each.seq));
    this.answer({ ack: { view_id: message.view_id, seq, server_ms: 1_763_800_000_000 } });
  }

  answer(answer: object): void {
    this.line?.handlers.answered(JSON.stringify(answer));
  }

  post = async (text: string): Promise<PostResult> => {
    this.posts.push(text);
    return this.postAnswer;
  };

  beacon = (text: string): boolean => {
    this.beacons.push(text);
    return this.beaconTakes;
  };
}

function set(random = () => 0.5) {
  const time = new FakeTime();
  const server = new FakeServer();
  const shelves: Shelves = new Map();
  const forgotten: string[] = [];
  const courier = createCourier({
    shelves,
    write: message,
    transport: server,
    clock: time,
    timers: time,
    random,
    onAnswer: () => undefined,
    forget: (_, texts) => forgotten.push(...texts),
  });
  const add = (seq: number, urgent = false, extra = "") => {
    put(shelfOf(shelves, view), event(seq, extra));
    courier.notify(urgent);
  };
  const unacked = () => [...shelves.values()].reduce((count, { texts }) => count + texts.length, 0);
  const goodbye = () => farewell(shelves, time.wallMs(), server.beacon);
  return { time, server, shelves, courier, add, unacked, forgotten, goodbye };
}

const seqs = (message: Message | undefined) => message?.events.map(({ seq }) => seq);

describe("WebSocket", () => {
  test("ordinary events wait a second for company, urgent ones do not", async () => {
    const { time, server, add } = set();
    add(0);
    await time.pass(900);
    expect(server.connects).toBe(0);
    add(1, true);
    await time.pass(50);
    server.open();
    expect(seqs(server.sent[0])).toEqual([0, 1]);
  });

  test("only an answer removes an event", async () => {
    const { time, server, add, unacked } = set();
    add(0, true);
    await time.pass(50);
    server.open();
    expect(unacked()).toBe(1);
    server.ack();
    expect(unacked()).toBe(0);
  });

  test("the context travels first, and again after a reconnect", async () => {
    const { time, server, add } = set();
    add(0, true);
    await time.pass(50);
    server.open();
    server.ack();
    add(1, true);
    await time.pass(50);
    server.close(1012);
    await time.pass(2000);
    server.open();
    expect(server.sent.map((message) => "context" in message)).toEqual([true, false, true]);
  });

  test("what was in flight when the line broke is sent again, with its own time of sending", async () => {
    const { time, server, add, unacked } = set();
    add(0, true);
    await time.pass(50);
    server.open();
    server.close(1006);
    await time.pass(5000);
    server.open();
    expect(server.sent.map(seqs)).toEqual([[0], [0]]);
    expect((server.sent[1]?.sent_at_ms ?? 0) - (server.sent[0]?.sent_at_ms ?? 0)).toBeGreaterThanOrEqual(500);
    server.ack();
    expect(unacked()).toBe(0);
  });

  test("back-off grows to a minute at most, with full jitter", async () => {
    const { time, server, add } = set(() => 0.999);
    add(0, true);
    await time.pass(50);
    const gapsMs: number[] = [];
    for (let i = 0; i < 9; i++) {
      server.open();
      const brokenMs = time.nowMs;
      const before = server.connects;
      server.close(1006);
      while (server.connects === before) await time.pass(100);
      gapsMs.push(time.nowMs - brokenMs);
    }
    expect(gapsMs[0]).toBeLessThanOrEqual(1100);
    expect(gapsMs[3]).toBeGreaterThan(7000);
    expect(gapsMs.at(-1)).toBeGreaterThan(55_000);
    expect(Math.max(...gapsMs)).toBeLessThanOrEqual(60_100);
  });

  test("retry_after_ms is obeyed, then everything comes again in order", async () => {
    const { time, server, add, unacked } = set();
    add(0, true);
    await time.pass(50);
    server.open();
    server.line?.unanswered.shift();
    server.answer({ retry_after_ms: 4000 });
    add(1, true);
    await time.pass(3900);
    expect(server.sent).toHaveLength(1);
    await time.pass(1200);
    expect(seqs(server.sent[1])).toEqual([0, 1]);
    server.ack();
    expect(unacked()).toBe(0);
  });

  test("one message is on its way at a time; its answer lets the next one go, and its events be forgotten", async () => {
    const { time, server, add, unacked, forgotten } = set();
    add(0, true);
    await time.pass(50);
    server.open();
    add(1, true);
    add(2, true);
    await time.pass(50);
    expect(server.sent.map(seqs)).toEqual([[0]]);
    server.ack();
    expect(server.sent.map(seqs)).toEqual([[0], [1, 2]]);
    expect(forgotten.map((text) => JSON.parse(text).seq)).toEqual([0]);
    server.ack();
    expect(unacked()).toBe(0);
    expect(forgotten).toHaveLength(3);
  });

  test("an unreadable message is not sent again", async () => {
    const { time, server, add, unacked } = set();
    add(0, true);
    await time.pass(50);
    server.open();
    server.line?.unanswered.shift();
    server.answer({ error: { code: "bad_json", hint: "" } });
    expect(unacked()).toBe(0);
  });

  test("a line that never answers is given up and its events sent on a new one", async () => {
    const { time, server, add } = set();
    add(0, true);
    await time.pass(50);
    server.open();
    await time.pass(20_000);
    expect(server.connects).toBe(2);
  });

  test("messages hold 200 events and 64 KiB at most", async () => {
    const { server, shelves, courier } = set();
    for (let seq = 0; seq < 450; seq++) put(shelfOf(shelves, view), event(seq, seq < 200 ? "x".repeat(256) : ""));
    courier.flush();
    server.open();
    while (server.line?.unanswered.length) server.ack();
    for (const message of server.sent) {
      expect(message.events.length).toBeLessThanOrEqual(200);
      expect(new TextEncoder().encode(JSON.stringify(message)).length).toBeLessThanOrEqual(64 * 1024);
    }
    expect(server.sent.flatMap(seqs)).toEqual(Array.from({ length: 450 }, (_, seq) => seq));
  });

  test("a refused token ends the attempts", async () => {
    const { time, server, add } = set();
    add(0, true);
    await time.pass(50);
    server.close(1008);
    await time.pass(600_000);
    expect(server.connects).toBe(1);
  });
});

describe("POST", () => {
  test("takes over when sockets cannot open, and acks remove", async () => {
    const { time, server, add, unacked } = set();
    server.refusesSockets = true;
    const ack = { view_id: view.view_id, seq: 0, server_ms: 1 };
    server.postAnswer = {
      status: 200,
      text: JSON.stringify({ acks: [ack], rejected: [], errors: [] }),
      retryAfterMs: 0,
    };
    add(0, true);
    await time.pass(10_000);
    expect(server.posts).toHaveLength(1);
    expect(JSON.parse(server.posts[0] ?? "").events).toHaveLength(1);
    expect(unacked()).toBe(0);
  });

  test("503 with Retry-After waits that long", async () => {
    const { time, server, add, unacked } = set();
    server.refusesSockets = true;
    server.postAnswer = { status: 503, text: "", retryAfterMs: 30_000 };
    add(0, true);
    await time.pass(10_000);
    expect(server.posts).toHaveLength(1);
    await time.pass(19_000);
    expect(server.posts).toHaveLength(1);
    expect(unacked()).toBe(1);
    await time.pass(20_000);
    expect(server.posts.length).toBeGreaterThan(1);
  });
});

describe("beacon", () => {
  test("carries a copy of all that is unanswered, in slices of 48 KiB, and forgets nothing", async () => {
    const { server, shelves, goodbye, unacked } = set();
    for (let seq = 0; seq < 300; seq++) put(shelfOf(shelves, view), event(seq, "x".repeat(256)));
    goodbye();
    expect(server.beacons.length).toBeGreaterThan(1);
    for (const text of server.beacons) expect(text.length).toBeLessThanOrEqual(48 * 1024);
    const sent = server.beacons.flatMap((text) => seqs(JSON.parse(text)));
    expect(sent).toEqual(Array.from({ length: 300 }, (_, seq) => seq));
    expect(unacked()).toBe(300);
  });

  test("stops when the browser takes no more", () => {
    const { server, shelves, goodbye } = set();
    for (let seq = 0; seq < 200; seq++) put(shelfOf(shelves, view), event(seq, "x".repeat(256)));
    server.beaconTakes = false;
    goodbye();
    expect(server.beacons).toHaveLength(1);
  });
});

test("a page that goes and comes back closes its line and takes it up again, nothing lost", async () => {
  const { time, server, courier, add, unacked, goodbye } = set();
  add(0, true);
  await time.pass(50);
  server.open();
  goodbye();
  courier.park();
  expect(server.line).toBeNull();
  expect(server.beacons).toHaveLength(1);
  courier.wake();
  server.open();
  expect(server.sent.map(seqs)).toEqual([[0], [0]]);
  server.ack();
  expect(unacked()).toBe(0);
});

test("whatever happens on the way, every event is stored at least once and none is invented", async () => {
  const step = fc.constantFrom(
    "add",
    "addUrgent",
    "open",
    "ack",
    "storeAndBreak",
    "break",
    "retry",
    "pass",
    "wake",
    "farewell",
    "park",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 80 }), async (steps) => {
      const { time, server, courier, add, unacked, goodbye } = set();
      let next = 0;
      for (const each of steps) {
        if (each === "add" || each === "addUrgent") add(next++, each === "addUrgent");
        if (each === "open") server.open();
        if (each === "ack") server.ack();
        if (each === "storeAndBreak") {
          for (const message of server.line?.unanswered ?? []) server.store(message);
          server.close(1006);
        }
        if (each === "break") server.close(1006);
        if (each === "retry" && server.line?.unanswered.shift()) server.answer({ retry_after_ms: 500 });
        if (each === "pass") await time.pass(1500);
        if (each === "wake") courier.wake();
        if (each === "farewell") goodbye();
        if (each === "park") courier.park();
      }
      for (let i = 0; i < 300 && unacked() > 0; i++) {
        courier.notify(false);
        await time.pass(2000);
        server.open();
        for (let k = 0; k < 20; k++) server.ack();
      }
      expect(unacked()).toBe(0);
      expect([...server.stored.keys()].sort()).toEqual(
        Array.from({ length: next }, (_, seq) => `${view.view_id} ${seq}`).sort(),
      );
    }),
    { numRuns: 200 },
  );
});
