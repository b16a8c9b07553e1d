import { expect, test, vi } from "vitest";
import { backoffMs } from "../src/core/backoff";
import { uuid7 } from "../src/core/ids";
import { clockText, spokenTime } from "../src/react/format";
import { actOnKey, type KeyActions } from "../src/react/hotkeys";
import { parseCues } from "../src/react/vtt";

test("a UUIDv7 carries its time, version and variant", () => {
  const bytes = vi.spyOn(crypto, "getRandomValues").mockImplementation((array) => {
    if (array instanceof Uint8Array) array.fill(0xff);
    return array;
  });
  const id = uuid7(1_763_800_000_000);
  bytes.mockRestore();
  expect(id).toBe("019aaaa0-3c00-7fff-8fff-ffffffffffff".replace("019aaaa0-3c00", hex48(1_763_800_000_000)));
  expect(uuid7(1_763_800_000_000)).not.toBe(uuid7(1_763_800_000_000));
});

function hex48(ms: number): string {
  const hex = ms.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

test("back-off is anywhere below 1 s · 2ⁿ and never above a minute", () => {
  expect([0, 1, 5, 6, 50].map((n) => backoffMs(n, () => 1))).toEqual([1000, 2000, 32_000, 60_000, 60_000]);
  expect(backoffMs(3, () => 0)).toBe(0);
});

test("times read 1:05, 1:02:10; spoken in words", () => {
  expect([0, 65, 3730, Number.NaN].map(clockText)).toEqual(["0:00", "1:05", "1:02:10", "0:00"]);
  expect([63.7, 59.99, 12.9999999].map(clockText)).toEqual(["1:03", "0:59", "0:13"]); // as tests/dashboard/test_wording.py
  expect(spokenTime(3661)).toBe("1 hour 1 minute 1 second");
});

test("cues: hours or not, settings, line breaks of any kind, tags taken out", () => {
  const vtt =
    "WEBVTT\r\n\r\n1\r\n00:00.000 --> 00:05.500 align:start\r\n<b>Intro</b>\r\n\r\n01:00:00.000 --> 01:00:02.000\r\na\r\nb\r\n";
  expect(parseCues(vtt)).toEqual([
    { startS: 0, endS: 5.5, text: "Intro" },
    { startS: 3600, endS: 3602, text: "a b" },
  ]);
});

test("a file with too many cues is read as far as its bound", () => {
  expect(parseCues("00:00.000 --> 00:01.000\nx\n\n".repeat(6000))).toHaveLength(5000);
});

test("all keys of the help do something; Space on a button is the button's", () => {
  const done: string[] = [];
  const actions = new Proxy({} as KeyActions, {
    get:
      (_, name) =>
      (...args: unknown[]) =>
        done.push(`${String(name)} ${args}`),
  });
  const press = (key: string, onControl = false) =>
    actOnKey({ key, ctrlKey: false, metaKey: false, altKey: false }, onControl, actions);
  for (const key of [
    "k",
    " ",
    "ArrowLeft",
    "ArrowRight",
    "ArrowUp",
    "ArrowDown",
    "j",
    "l",
    "m",
    "f",
    "Home",
    "End",
    "7",
    "<",
    ">",
    "?",
  ])
    expect(press(key)).toBe(true);
  expect(done).toEqual([
    "togglePlay ",
    "togglePlay ",
    "skip -5",
    "skip 5",
    "changeVolume 0.05",
    "changeVolume -0.05",
    "skip -10",
    "skip 10",
    "toggleMute ",
    "toggleFullscreen ",
    "goToShare 0",
    "goToEnd ",
    "goToShare 0.7",
    "changeRate -1",
    "changeRate 1",
    "help ",
  ]);
  expect(press(" ", true)).toBe(false);
  expect(actOnKey({ key: "l", ctrlKey: true, metaKey: false, altKey: false }, false, actions)).toBe(false);
});
