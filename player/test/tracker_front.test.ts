// The tracker's first file without the second, and with one that stands in for it: a page of which no browser is needed.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Message } from "../src/core/events";
import type { Sender } from "../src/dom/bare_sender";
import { createTracker, type Watched } from "../src/dom/tracker";

const OPTIONS = { endpoint: "https://views.example/v1/views" };

/** As much of a media element as a tracker looks at while nothing plays. */
function element(): HTMLMediaElement {
  const facts = { paused: true, ended: false, seeking: false, currentTime: 0, duration: 60, playbackRate: 1 };
  return Object.assign(new EventTarget(), facts, { volume: 1, muted: false, readyState: 4 }) as never;
}

const posted: Message[] = [];
let status = 200;

beforeEach(() => {
  vi.useFakeTimers();
  const page = new EventTarget();
  vi.stubGlobal("window", page);
  vi.stubGlobal("document", new EventTarget());
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("location", { href: "https://page.example/a?b", origin: "https://page.example", pathname: "/a" });
  vi.stubGlobal("fetch", async (_: URL, { body }: { body: string }) => {
    posted.push(JSON.parse(body) as Message);
    return new Response("{}", { status });
  });
  posted.length = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** How far each POST's message goes, of a view that got two settings every ten seconds. */
async function postsWithoutSender(answer: number): Promise<(number | undefined)[][]> {
  status = answer;
  const tracker = createTracker(OPTIONS, () => Promise.reject(new Error("no such file")));
  const view = tracker.attach(element(), { videoId: "v" });
  for (let i = 0; i < 3; i++) {
    view.setting("note", i);
    view.setting("note", -i);
    await vi.advanceTimersByTimeAsync(12_000);
  }
  return posted.map(({ events }) => events.map(({ seq }) => seq));
}

test.each([200, 413, 422])(
  "without a sender, what is answered with %i makes room for what comes after it",
  async (code) => {
    const posts = await postsWithoutSender(code);
    expect(posts.flat()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(posts.length).toBeGreaterThan(1);
  },
);

test.each([401, 429, 500, 503])("without a sender, what is answered with %i is sent again", async (code) => {
  const posts = await postsWithoutSender(code);
  expect(posts.length).toBeGreaterThan(1);
  expect(posts.every(([first]) => first === 0)).toBe(true);
});

test("an element that comes when the sender is there is handed to it, ready for an adapter", async () => {
  const adapted: [Watched, boolean][] = [];
  const sender: Sender = {
    adapt: (what) => adapted.push([what, typeof what.use === "function"]),
    flush: () => undefined,
    recorded: () => undefined,
    store: () => undefined,
  };
  const createSender = vi.fn(() => sender);
  const tracker = createTracker(OPTIONS, async () => ({ createSender }));
  tracker.attach(element(), { videoId: "first" });
  await vi.advanceTimersByTimeAsync(2000);
  expect(createSender).toHaveBeenCalledOnce();
  expect(adapted).toEqual([]);
  const second = element();
  tracker.attach(second, { videoId: "second" });
  expect(adapted.map(([{ media }, canUse]) => [media === second, canUse])).toEqual([[true, true]]);
});
