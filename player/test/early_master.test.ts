// hls.js's first request for the master is answered by one that was made before hls.js was here.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type EarlyMaster, loaderWith } from "../src/dom/early_master";

type Callbacks = { onSuccess: (...told: unknown[]) => void };

/** As much of hls.js's loader as is used; counts what goes to the network. */
class Plain {
  static sent = 0;
  context: { url: string } | null = null;
  callbacks: Callbacks | null = null;
  stats = { loading: { start: 0, first: 0, end: 0 }, loaded: 0, total: 0 };
  load(context: { url: string }, callbacks: Callbacks): void {
    this.context = context;
    this.callbacks = callbacks;
    this.loadInternal();
  }
  protected loadInternal(): void {
    Plain.sent += 1;
  }
  abort(): void {}
}

const MASTER: EarlyMaster = { url: "https://cdn.example/a/master.m3u8", text: "#EXTM3U" };
const loaderClass = (early: Promise<EarlyMaster | null>) =>
  loaderWith(Plain as never, "/a/master.m3u8", early) as unknown as new () => Plain;

beforeEach(() => {
  vi.stubGlobal("location", { href: "https://site.example/watch" });
  Plain.sent = 0;
});
afterEach(() => vi.unstubAllGlobals());

async function asked(early: Promise<EarlyMaster | null>, url: string, giveUp = false) {
  const loader = new (loaderClass(early))();
  const onSuccess = vi.fn();
  loader.load({ url }, { onSuccess });
  if (giveUp) loader.abort();
  await early;
  return onSuccess;
}

test("the early answer is handed over with the address that it came from, and nothing is sent", async () => {
  const onSuccess = await asked(Promise.resolve(MASTER), "https://site.example/a/master.m3u8");
  expect(onSuccess.mock.calls[0]?.[0]).toEqual({ url: MASTER.url, data: "#EXTM3U", code: 200 });
  expect(Plain.sent).toBe(0);
});

test("it is used once: a later request for the same address goes to the network", async () => {
  const Loader = loaderClass(Promise.resolve(MASTER));
  const onSuccess = vi.fn();
  for (let i = 0; i < 2; i++) new Loader().load({ url: "https://site.example/a/master.m3u8" }, { onSuccess });
  await Promise.resolve();
  expect(onSuccess).toHaveBeenCalledTimes(1);
  expect(Plain.sent).toBe(1);
});

test("where there is no early answer, or another address is asked for, hls.js asks itself", async () => {
  await asked(Promise.resolve(null), "https://site.example/a/master.m3u8");
  await asked(Promise.resolve(MASTER), "https://site.example/a/720/index.m3u8");
  expect(Plain.sent).toBe(2);
});

test("a request that was given up meanwhile is not answered", async () => {
  expect(await asked(Promise.resolve(MASTER), "https://site.example/a/master.m3u8", true)).not.toHaveBeenCalled();
  expect(Plain.sent).toBe(0);
});
