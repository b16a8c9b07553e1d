// The line to WS /v1/live under a fake clock, a fake network and a page that is hidden and shown by hand.
import { describe, expect, test } from "vitest";
import { HIDDEN_MS, type LineHandlers, type LiveWorld, openLive, SILENCE_MS } from "../src/live/client";
import type { LiveMessage } from "../src/live/messages";
import { FakeTime } from "./fakes";

const MASTER = JSON.stringify({ type: "master", version: 1, url: "/media/a/master.m3u8" });

class World implements LiveWorld {
  readonly time = new FakeTime();
  readonly lines: { handlers: LineHandlers; open: boolean }[] = [];
  readonly heard: LiveMessage[] = [];
  readonly states: boolean[] = [];
  hidden = false;
  gone = 0;
  dice = 1;
  watchers = new Set<() => void>();

  connect(_url: string, handlers: LineHandlers) {
    const line = { handlers, open: true };
    this.lines.push(line);
    return {
      close() {
        line.open = false;
      },
    };
  }
  set = (callback: () => void, delayMs: number) => this.time.set(callback, delayMs);
  clear = (timer: number) => this.time.clear(timer);
  random = () => this.dice;
  isHidden = () => this.hidden;
  onChange(callback: () => void) {
    this.watchers.add(callback);
    return () => void this.watchers.delete(callback);
  }

  open() {
    return openLive(
      "ws://127.0.0.1/v1/live/a",
      {
        onMessage: (message) => this.heard.push(message),
        onConnected: (connected) => this.states.push(connected),
        onGone: () => {
          this.gone += 1;
        },
      },
      this,
    );
  }

  get line() {
    const last = this.lines.at(-1);
    if (!last) throw new Error("no line");
    return last;
  }
  say(frame: unknown = MASTER) {
    this.line.handlers.heard(frame);
  }
  drop(code = 1006) {
    this.line.open = false;
    this.line.handlers.closed(code);
  }
  show(shown: boolean) {
    this.hidden = !shown;
    for (const look of this.watchers) look();
  }
}

test("it is connected from the first message on, not before", () => {
  const world = new World();
  const client = world.open();
  expect(client.connected).toBe(false);
  world.say();
  expect(client.connected).toBe(true);
  expect(world.heard).toHaveLength(1);
  expect(world.states).toEqual([true]);
});

test("what is no message is counted, keeps the line, and is told to nobody", async () => {
  const world = new World();
  const client = world.open();
  for (let i = 0; i < 4; i++) {
    await world.time.pass(SILENCE_MS - 1);
    world.say("{}");
  }
  expect(client.ignored).toBe(4);
  expect(world.heard).toEqual([]);
  expect(world.lines).toHaveLength(1);
  expect(client.connected).toBe(false);
});

describe("a line that breaks", () => {
  test("is opened again after 1 s, 2 s, 4 s … a minute at most, times a random share", async () => {
    const world = new World();
    world.open();
    for (const waitMs of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      const before = world.lines.length;
      world.drop();
      await world.time.pass(waitMs - 1);
      expect(world.lines).toHaveLength(before);
      await world.time.pass(1);
      expect(world.lines).toHaveLength(before + 1);
    }
    world.dice = 0.25;
    world.drop();
    await world.time.pass(15_000);
    expect(world.lines).toHaveLength(10);
  });

  test("starts the series anew once a message came", async () => {
    const world = new World();
    world.open();
    for (let i = 0; i < 5; i++) {
      world.drop();
      await world.time.pass(60_000);
    }
    world.say();
    world.drop();
    const before = world.lines.length;
    await world.time.pass(1000);
    expect(world.lines).toHaveLength(before + 1);
    expect(world.states).toEqual([true, false]);
  });

  test("is not heard any more, whatever it still says", async () => {
    const world = new World();
    world.open();
    const old = world.line;
    world.drop();
    await world.time.pass(1000);
    old.handlers.heard(MASTER);
    old.handlers.closed(1006);
    expect(world.heard).toEqual([]);
    expect(world.lines).toHaveLength(2);
    expect(world.line.open).toBe(true);
  });
});

test("ten seconds of silence are a broken line, in a handshake too", async () => {
  const world = new World();
  world.open();
  await world.time.pass(SILENCE_MS - 1);
  expect(world.line.open).toBe(true);
  await world.time.pass(1);
  expect(world.line.open).toBe(false);
  await world.time.pass(1000);
  expect(world.lines).toHaveLength(2);
});

test("too many open pages: it waits up to 16 s from the first time on", async () => {
  const world = new World();
  world.open();
  world.drop(1013);
  await world.time.pass(15_999);
  expect(world.lines).toHaveLength(1);
  await world.time.pass(1);
  expect(world.lines).toHaveLength(2);
});

test("no such video ends it, once", async () => {
  const world = new World();
  const client = world.open();
  world.say();
  world.drop(4404);
  await world.time.pass(600_000);
  world.show(false);
  world.show(true);
  expect(world.gone).toBe(1);
  expect(world.lines).toHaveLength(1);
  expect(client.connected).toBe(false);
});

describe("a hidden page", () => {
  test("hangs up after a while, stays away, and is back at once when it is shown", async () => {
    const world = new World();
    world.open();
    world.say();
    world.show(false);
    const beats = Math.floor(HIDDEN_MS / 2000);
    for (let i = 0; i < beats; i++) {
      await world.time.pass(2000);
      world.say();
    }
    expect(world.line.open).toBe(true);
    await world.time.pass(HIDDEN_MS - beats * 2000);
    expect(world.line.open).toBe(false);
    await world.time.pass(3_600_000);
    expect(world.lines).toHaveLength(1);
    world.show(true);
    expect(world.lines).toHaveLength(2);
  });

  test("that comes back soon keeps its line", async () => {
    const world = new World();
    world.open();
    world.show(false);
    await world.time.pass(HIDDEN_MS / 2);
    world.say();
    world.show(true);
    await world.time.pass(HIDDEN_MS / 2);
    world.say();
    expect(world.lines).toHaveLength(1);
    expect(world.line.open).toBe(true);
  });

  test("does not connect before it is seen", async () => {
    const world = new World();
    world.hidden = true;
    world.open();
    expect(world.lines).toHaveLength(0);
    world.show(true);
    expect(world.lines).toHaveLength(1);
  });

  test("whose line breaks tries again when it is shown", async () => {
    const world = new World();
    world.open();
    world.show(false);
    world.drop();
    await world.time.pass(3_600_000);
    expect(world.lines).toHaveLength(1);
    world.show(true);
    expect(world.lines).toHaveLength(2);
  });
});

test("the network coming back ends the waiting", async () => {
  const world = new World();
  world.open();
  for (let i = 0; i < 6; i++) {
    world.drop();
    await world.time.pass(60_000);
  }
  world.drop();
  const before = world.lines.length;
  world.show(true); // the same callback as `online`
  expect(world.lines).toHaveLength(before + 1);
  await world.time.pass(9_000);
  expect(world.lines).toHaveLength(before + 1);
});

test("closed by its owner it leaves nothing behind", async () => {
  const world = new World();
  const client = world.open();
  world.say();
  client.close();
  expect(world.line.open).toBe(false);
  expect(world.watchers.size).toBe(0);
  world.say();
  await world.time.pass(600_000);
  expect(world.heard).toHaveLength(1);
  expect(world.lines).toHaveLength(1);
});
