import { expect, test } from "vitest";
import type { View, ViewEvent } from "../src/core/events";
import { createFlights } from "../src/core/flights";
import { createKeeper } from "../src/core/keeper";
import { message, put, type Shelves, shelfOf } from "../src/core/shelves";
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
function set(name = "this-page", tails = new Map<string, string>(), records = new Map<string, string>()) {
  const time = new FakeTime();
  const shelves: Shelves = new Map();
  const keeper = createKeeper({
    name,
    shelves,
    tails: {
      keys: () => [...tails.keys()],
      get: (key) => tails.get(key) ?? null,
      set: (key, text) => tails.set(key, text),
      remove: (key) => tails.delete(key),
    },
    archive: {
      put: async (key, text) => records.set(key, text),
      all: async () => [...records],
      remove: async (key, text) => records.get(key) === text && records.delete(key),
      clear: async () => records.clear(),
    },
    alone: (act) => void act(),
    clock: time,
    timers: time,
    onAdopted: () => undefined,
  });
  let seq = 0;
  const add = (chars: number) => {
    const event = { seq, type: "setting", name: "x", value: "x".repeat(chars), t_ms: seq++, position_s: 0 };
    put(shelfOf(shelves, view), event as ViewEvent);
    keeper.save();
  };
  return { time, shelves, keeper, add, tails, records };
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

test("the archive holds half of 5 MB of one page at most; what is oldest goes", async () => {
  const { time, keeper, shelves, add, records } = set();
  keeper.trouble();
  const shelf = shelfOf(shelves, view);
  for (let seq = 0; seq < 12_000; seq++)
    put(shelf, { seq, type: "setting", name: "x".repeat(200), value: 1, t_ms: 0, position_s: 0 });
  add(1);
  await time.pass(1000);
  const [{ events }] = JSON.parse(records.get("this-page") ?? "");
  expect(records.get("this-page")?.length).toBeLessThanOrEqual(2_500_000);
  expect(records.get("this-page")?.length).toBeGreaterThan(2_400_000);
  expect(events.at(-1).value).toBe("x");
  expect(events[0].seq).toBeGreaterThan(0);
});

test("what is older than seven days is thrown away, not sent", async () => {
  const old = { ...view, view_id: "old", started_at_ms: 1_763_800_000_000 - 8 * DAY_MS };
  const young = { ...view, view_id: "young", started_at_ms: 1_763_800_000_000 - 6 * DAY_MS };
  const left = (of: View) => JSON.stringify([{ view: of, events: [{ seq: 0, type: "play", t_ms: 0, position_s: 0 }] }]);
  const tails = new Map([["viewbox.tail.a", left(old)]]);
  const records = new Map([
    ["c", left(old)],
    ["d", left(young)],
  ]);
  const { time, shelves, keeper } = set("b", tails, records);
  keeper.start();
  await time.pass(10);
  expect([...shelves.keys()]).toEqual(["young"]);
  const { take, answered } = createFlights(shelves, message);
  take(0);
  answered();
  keeper.save();
  await time.pass(10);
  expect([tails.size, records.size]).toEqual([0, 0]);
});

test("withdrawn consent leaves nothing of any page, and nothing comes after it", async () => {
  const tails = new Map([
    ["viewbox.tail.another-page", "[]"],
    ["somebody-else", "stays"],
  ]);
  const { time, keeper, add, records } = set("this-page", tails, new Map([["another-page", "[]"]]));
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
  const shelves: Shelves = new Map();
  const refuse = () => {
    throw new DOMException("no", "SecurityError");
  };
  const keeper = createKeeper({
    name: "x",
    shelves,
    tails: { keys: refuse, get: refuse, set: refuse, remove: refuse },
    archive: {
      put: () => Promise.reject(),
      all: () => Promise.reject(),
      remove: () => Promise.reject(),
      clear: () => Promise.reject(),
    },
    alone: (act) => void act(),
    clock: time,
    timers: time,
    onAdopted: () => undefined,
  });
  keeper.start();
  keeper.trouble();
  put(shelfOf(shelves, view), { seq: 0, type: "play", t_ms: 0, position_s: 0 });
  keeper.save();
  await time.pass(1000);
  await keeper.stop();
  expect(shelfOf(shelves, view).texts).toHaveLength(1);
});
