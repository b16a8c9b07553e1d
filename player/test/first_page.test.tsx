// The page of the address that was opened is drawn at once, with what was asked for before.
import { renderToString } from "react-dom/server";
import { afterEach, expect, test, vi } from "vitest";
import { askFirst, takeFirst } from "../app/firstVideo";
import { pageOf } from "../app/page";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a page that was loaded before it is drawn needs no blank in its place", async () => {
  const Page = pageOf<{ name: string }>(async () => ({ name }) => <p>{name}</p>);
  expect(() => renderToString(<Page name="early" />)).toThrow(); // not here yet: it suspends, and nothing would catch it
  await Page.load();
  expect(renderToString(<Page name="late" />)).toBe("<p>late</p>");
});

test("the first answer about a video is taken once, for that video", async () => {
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ id: "a", title: "A" })));
  await askFirst("a");
  expect(takeFirst("a")).toMatchObject({ id: "a", title: "A" });
  expect(takeFirst("a")).toBeNull();
  await askFirst("a");
  expect(takeFirst("b")).toBeNull();
});

test("a server that is slow, or says no, does not keep the page from being drawn", async () => {
  vi.stubGlobal("fetch", async () => new Response("{}", { status: 404 }));
  await askFirst("a");
  expect(takeFirst("a")).toBeNull();
  vi.useFakeTimers();
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
  const asked = askFirst("a");
  await vi.advanceTimersByTimeAsync(300);
  await asked;
  expect(takeFirst("a")).toBeNull();
});
