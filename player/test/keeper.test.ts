import { expect, test } from "vitest";
import type { View, ViewEvent } from "../src/core/events";
import { createKeeper } from "../src/core/keeper";
import { createOutbox } from "../src/core/outbox";
import { FakeTime } from "./fakes";

const DAY_MS = 86_400_000;
const view: View = {
  v: 1,
  view_id: "view-1",
  video_id: "v",
  viewer_id: "p",
  viewer_kind: "stored",
  session_id: "s",
  started_at_ms: 1_763_800_000_000,
  context: {},
};

/** A keeper over storage that a test looks into. */
function set(name = "this-page", tails = new Map<string, string>(), records = new Map<number, string>()) {
  const time = new FakeTime();
  const outbox = createOutbox();
  let nextKey = 1 + Math.max(0, ...records.keys());
  const keeper = createKeeper({
    name,
    outbox,
    tails: {
      keys: () => [...tails.keys()],
      get: (key) => tails.get(key) ?? null,
      set: (key, text) => tails.set(key, text),
      remove: (key) => tails.delete(key),
    },
    archive: {
      async put(text) {
        records.set(nextKey, text);
        return nextKey++;
      },
      all: async () => [...records],
      async remove(keys) {
        for (const key of keys) records.delete(key);
      },
    },
    alone: (act) => void act(),
    clock: time,
    timers: time,
    onAdopted: () => undefined,
  });
  let seq = 0;
  const add = (chars: number) => {
    const event = { seq, type: "setting", name: "x", value: "x".repeat(chars), t_ms: seq++, position_s: 0 };
    outbox.add(view, event as ViewEvent);
    keeper.save();
  };
  return { time, outbox, keeper, add, tails, records };
}

test("a tail never holds more than 8 KB, and its newest events", () => {
  const { add, tails } = set();
  for (let i = 0; i < 100; i++) {
    add(500);
    expect([...tails.values()].join("").length).toBeLessThanOrEqual(8 * 1024);
  }
  const [{ events }] = JSON.parse(tails.get("viewbox.tail.this-page") ?? "");
  expect(events.at(-1).seq).toBe(99);
  expect(events.length).toBeGreaterThan(10);
});

test("the archive holds 5 MB at most; what is oldest goes", async () => {
  const { time, keeper, add, records } = set();
  keeper.trouble();
  for (let i = 0; i < 60; i++) {
    for (let k = 0; k < 5; k++) add(20_000);
    await time.pass(1000);
    const chars = [...records.values()].reduce((sum, text) => sum + text.length, 0);
    expect(chars).toBeLessThanOrEqual(5_000_000);
  }
  expect(records.size).toBeGreaterThan(40);
  expect(records.has(1)).toBe(false);
  expect(records.has(60)).toBe(true);
});

test("what is older than seven days is thrown away, not sent", async () => {
  const old = { ...view, view_id: "old", started_at_ms: 1_763_800_000_000 - 8 * DAY_MS };
  const young = { ...view, view_id: "young", started_at_ms: 1_763_800_000_000 - 6 * DAY_MS };
  const left = (of: View) => JSON.stringify([{ view: of, events: [{ seq: 0, type: "play", t_ms: 0, position_s: 0 }] }]);
  const tails = new Map([["viewbox.tail.a", left(old)]]);
  const records = new Map([
    [1, left(old)],
    [2, left(young)],
  ]);
  const { time, outbox, keeper } = set("b", tails, records);
  keeper.start();
  await time.pass(10);
  expect(outbox.shelves.map(({ view: of }) => of.view_id)).toEqual(["young"]);
  outbox.take(0);
  outbox.answered();
  keeper.save();
  await time.pass(10);
  expect([tails.size, records.size]).toEqual([0, 0]);
});

test("withdrawn consent leaves nothing of any page, and nothing comes after it", async () => {
  const tails = new Map([
    ["viewbox.tail.another-page", "[]"],
    ["somebody-else", "stays"],
  ]);
  const { time, keeper, add, records } = set("this-page", tails, new Map([[1, "[]"]]));
  keeper.trouble();
  for (let i = 0; i < 30; i++) add(500);
  await time.pass(500);
  expect(records.size).toBeGreaterThan(1);
  await keeper.stop();
  add(500);
  await time.pass(500);
  expect([...tails]).toEqual([["somebody-else", "stays"]]);
  expect(records.size).toBe(0);
});

test("storage that is full, forbidden or damaged stops nothing", async () => {
  const time = new FakeTime();
  const outbox = createOutbox();
  const refuse = () => {
    throw new DOMException("no", "SecurityError");
  };
  const keeper = createKeeper({
    name: "x",
    outbox,
    tails: { keys: refuse, get: refuse, set: refuse, remove: refuse },
    archive: { put: () => Promise.reject(), all: () => Promise.reject(), remove: () => Promise.reject() },
    alone: (act) => void act(),
    clock: time,
    timers: time,
    onAdopted: () => undefined,
  });
  keeper.start();
  keeper.trouble();
  outbox.add(view, { seq: 0, type: "play", t_ms: 0, position_s: 0 });
  keeper.save();
  await time.pass(1000);
  expect(outbox.hasWaiting).toBe(true);
});
