import { expect, test } from "vitest";
import type { View, ViewEvent } from "../src/core/events";
import { createKeeper, type Drawer } from "../src/core/keeper";
import { put, type Shelf, type Shelves, shelfOf } from "../src/core/shelves";
import { FakeStorage } from "./fakes";

const NOW_MS = 1_763_800_000_000;
const DAY_MS = 86_400_000;
const view: View = {
  v: 1,
  view_id: "view-1",
  video_id: "v",
  viewer_id: "p",
  viewer_kind: "stored",
  session_id: "s",
  started_at_ms: NOW_MS,
  context: {},
};

/** A page's keeper over storage that a test looks into. */
function page(drawer: Drawer = new FakeStorage(), given = true) {
  const shelves: Shelves = new Map();
  const keeper = createKeeper({
    shelves,
    shelfOf,
    drawer: () => drawer,
    wallMs: () => NOW_MS,
    onFound: () => undefined,
  });
  if (given) keeper.store(true);
  let seq = 0;
  const add = (of = view): Shelf => {
    const shelf = shelfOf(shelves, of);
    put(shelf, { seq: seq++, type: "play", t_ms: 0, position_s: 0 } as ViewEvent);
    keeper.keep(shelf);
    return shelf;
  };
  return { shelves, keeper, add };
}

const keys = (drawer: FakeStorage) => Object.keys(drawer);

test("an event is in storage when it happened, and out of it when it is answered for", () => {
  const drawer = new FakeStorage();
  const { keeper, add } = page(drawer);
  add();
  const { texts } = add();
  expect(keys(drawer)).toEqual(["viewbox.left.view-1", ...texts.map((text) => `viewbox.left.view-1${text}`)]);
  keeper.forget(view, texts.splice(0, 1));
  expect(keys(drawer)).toEqual(["viewbox.left.view-1", `viewbox.left.view-1${texts[0]}`]);
  keeper.forget(view, texts);
  expect(keys(drawer)).toEqual([]);
});

test("the next page finds each event once, with all that is known of its view", () => {
  const drawer = new FakeStorage();
  const left = page(drawer);
  left.add();
  const { texts } = left.add();
  const { shelves, keeper } = page(drawer);
  expect(shelves.get("view-1")).toEqual({ view, texts, inFlight: 0, contextDue: true });
  keeper.store(true); // said twice
  expect(shelves.get("view-1")?.texts).toEqual(texts);
});

test("consent that is given late takes in what is unanswered", () => {
  const drawer = new FakeStorage();
  const { keeper, add } = page(drawer, false);
  add();
  add();
  expect(keys(drawer)).toEqual([]);
  keeper.store(true);
  expect(keys(drawer)).toHaveLength(3);
});

test("a view stays known while another page answers for what it found of it", () => {
  const drawer = new FakeStorage();
  const writing = page(drawer);
  const [first = ""] = writing.add().texts;
  const finding = page(drawer);
  writing.add();
  finding.keeper.forget(view, [first]);
  expect(page(drawer).shelves.get("view-1")?.texts).toHaveLength(1);
});

test("storage never holds more than 5000 things of which the tracker added some", () => {
  const drawer = new FakeStorage();
  drawer.setItem("somebody-else", "stays");
  const { add } = page(drawer);
  for (let i = 0; i < 5100; i++) add();
  expect(drawer.length).toBe(5000);
  expect(page(drawer).shelves.get("view-1")?.texts).toHaveLength(4998);
});

test("what is older than seven days is thrown away, not sent", () => {
  const drawer = new FakeStorage();
  const left = page(drawer);
  left.add({ ...view, view_id: "old", started_at_ms: NOW_MS - 8 * DAY_MS });
  left.add({ ...view, view_id: "young", started_at_ms: NOW_MS - 6 * DAY_MS });
  const { shelves } = page(drawer);
  expect([...shelves.keys()]).toEqual(["young"]);
  expect(keys(drawer).filter((key) => key.includes("old"))).toEqual([]);
});

test("what is damaged is thrown away, and so is a view of which no event is left", () => {
  const drawer = new FakeStorage();
  page(drawer).add();
  drawer.setItem("viewbox.left.view-2", "{");
  drawer.setItem('viewbox.left.view-2{"seq":0}', "");
  drawer.setItem('viewbox.left.view-3{"seq":0}', "");
  drawer.setItem("viewbox.left.view-4", JSON.stringify({ ...view, view_id: "view-4" }));
  drawer.setItem("viewbox.left.view-5", "1");
  drawer.setItem('viewbox.left.view-1{"seq":', "");
  const { shelves } = page(drawer);
  expect([...shelves.values()].map(({ texts }) => texts.length)).toEqual([1]);
  expect(keys(drawer)).toHaveLength(2);
});

test("withdrawn consent leaves nothing of any page, and nothing comes after it", () => {
  const drawer = new FakeStorage();
  page(drawer).add({ ...view, view_id: "another-page" });
  drawer.setItem("somebody-else", "stays");
  const { keeper, add } = page(drawer);
  add();
  keeper.store(false);
  const { texts } = add();
  keeper.forget(view, texts);
  expect(keys(drawer)).toEqual(["somebody-else"]);
});

test("storage that is full or forbidden stops nothing", () => {
  const refuse = () => {
    throw new DOMException("no", "SecurityError");
  };
  const { keeper, add } = page({ length: 0, getItem: refuse, setItem: refuse, removeItem: refuse });
  const { texts } = add();
  expect(texts).toHaveLength(1);
  keeper.forget(view, texts);
  keeper.store(false);
});
