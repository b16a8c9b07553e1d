import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HlsRecovery, type Mendable } from "../src/dom/hls_recovery";
import { retryAfterMs } from "../src/dom/retry_after";

const MEDIA = { fatal: true, type: "mediaError", details: "bufferAppendError" };
const LINE_DOWN = { fatal: true, type: "networkError", details: "fragLoadError", response: { code: 0 } };

function engine(levels: number) {
  const calls: string[] = [];
  const hls: Mendable = {
    levels: new Array(levels).fill({}),
    recoverMediaError: () => calls.push("recover"),
    swapAudioCodec: () => calls.push("swap"),
    loadSource: (url) => calls.push(`load ${url}`),
    startLoad: () => calls.push("start"),
  };
  return { hls, calls };
}

function recovery(levels = 3, onLine = true) {
  const life = new AbortController();
  const { hls, calls } = engine(levels);
  return { mend: new HlsRecovery(hls, "/m.m3u8", life.signal, { onLine }), calls, life };
}

describe("HlsRecovery", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const target = new EventTarget();

  it("flushes the decoder, then swaps the audio codec, then gives up", () => {
    const { mend, calls } = recovery();
    expect([mend.mend(MEDIA), mend.mend(MEDIA), mend.mend(MEDIA)]).toEqual([true, true, false]);
    expect(calls).toEqual(["recover", "swap", "recover"]);
  });

  it("takes trouble after a calm minute for new trouble", () => {
    const { mend, calls } = recovery();
    mend.mend(MEDIA);
    vi.advanceTimersByTime(60_001);
    mend.mend(MEDIA);
    expect(calls).toEqual(["recover", "recover"]);
  });

  it("starts loading again after 1, 3 and 9 seconds, and then no more", () => {
    const { mend, calls } = recovery();
    for (const [waitMs, starts] of [
      [1000, 1],
      [3000, 2],
      [9000, 3],
    ] as const) {
      expect(mend.mend(LINE_DOWN)).toBe(true);
      vi.advanceTimersByTime(waitMs - 1);
      expect(calls.length).toBe(starts - 1);
      vi.advanceTimersByTime(1);
      expect(calls.length).toBe(starts);
    }
    expect(mend.mend(LINE_DOWN)).toBe(false);
    expect(calls).toEqual(["start", "start", "start"]);
  });

  it("asks for the playlist where there was none yet", () => {
    const { mend, calls } = recovery(0);
    mend.mend(LINE_DOWN);
    vi.advanceTimersByTime(1000);
    expect(calls).toEqual(["load /m.m3u8"]);
  });

  it("waits for the line where there is none", () => {
    const { mend, calls } = recovery(3, false);
    expect(mend.mend(LINE_DOWN)).toBe(true);
    vi.advanceTimersByTime(3_600_000);
    expect(calls).toEqual([]);
    target.dispatchEvent(new Event("online"));
    expect(calls).toEqual(["start"]);
  });

  it("starts nothing for a player that is gone", () => {
    const { mend, calls, life } = recovery();
    mend.mend(LINE_DOWN);
    life.abort();
    vi.advanceTimersByTime(10_000);
    expect(calls).toEqual([]);
  });

  it("does not ask again for what is not there, or for what nobody can mend", () => {
    const { mend } = recovery();
    expect(mend.mend({ ...LINE_DOWN, response: { code: 404 } })).toBe(false);
    expect(mend.mend({ fatal: true, type: "otherError", details: "internalException" })).toBe(false);
    expect(mend.mend({ ...LINE_DOWN, response: { code: 429 } })).toBe(true);
  });
});

describe("retryAfterMs", () => {
  const nowMs = Date.parse("Wed, 25 Nov 2026 02:00:00 GMT");
  it("reads seconds and dates", () => {
    expect(retryAfterMs("2", nowMs)).toBe(2000);
    expect(retryAfterMs("Wed, 25 Nov 2026 02:00:05 GMT", nowMs)).toBe(5000);
    expect(retryAfterMs("Wed, 25 Nov 2026 01:59:00 GMT", nowMs)).toBe(0);
  });
  it("obeys neither nonsense nor an hour", () => {
    expect([null, "soon", "", "3600"].map((header) => retryAfterMs(header, nowMs))).toEqual([null, null, null, null]);
  });
});
