import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Status, settledText, statusText } from "../src/react/announcer";
import { renditionsText } from "../src/react/controls/Facts";
import { failureOf } from "../src/react/controls/Failure";
import { areaPath, linePath, monotoneSlopes, peakOf } from "../src/react/heat";
import { ENGLISH } from "../src/react/i18n/language";
import { CAPTION_STYLE, prefer, preferences } from "../src/react/preferences";
import { rememberedPositions, rememberPosition, resumePosition, seenBefore, switchResume } from "../src/react/resume";
import { playedRanges, type Range, union } from "../src/react/seen";
import { OFFER_MS, SkipOffers, skippable } from "../src/react/skip";
import { sameLanguage } from "../src/react/useSession";

/** localStorage of a browser, or of one that forbids it. */
function storage(forbidden = false): Storage {
  const kept = new Map<string, string>();
  const guard = () => {
    if (forbidden) throw new DOMException("denied", "SecurityError");
  };
  return {
    getItem: (key: string) => {
      guard();
      return kept.get(key) ?? null;
    },
    setItem: (key: string, value: string) => {
      guard();
      kept.set(key, value);
    },
    removeItem: (key: string) => {
      guard();
      kept.delete(key);
    },
  } as unknown as Storage;
}

beforeEach(() => vi.stubGlobal("localStorage", storage()));
afterEach(() => vi.unstubAllGlobals());

// -- the skip button --------------------------------------------------------------------------------------------------

const INTRO = { fromS: 0, toS: 13, kind: "intro" as const };

test("a part is offered for eight seconds and never again", () => {
  const offers = new SkipOffers();
  expect(offers.at([INTRO], 1, 1000)).toBe(INTRO);
  expect(offers.at([INTRO], 5, 1000 + OFFER_MS - 1)).toBe(INTRO);
  expect(offers.at([INTRO], 6, 1000 + OFFER_MS)).toBeNull();
  expect(offers.at([INTRO], 2, 60_000)).toBeNull();
});

test("who seeks back into a skipped part wants to see it", () => {
  const offers = new SkipOffers();
  expect(offers.at([INTRO], 1, 0)).toBe(INTRO);
  offers.close();
  expect(offers.at([INTRO], 2, 100)).toBeNull();
});

test("leaving the part ends its offer before its time", () => {
  const offers = new SkipOffers();
  expect(offers.at([INTRO], 1, 0)).toBe(INTRO);
  expect(offers.at([INTRO], 20, 1000)).toBeNull();
  expect(offers.at([INTRO], 2, 2000)).toBeNull();
});

test("nothing is offered with less than a second left, nor for parts under three seconds", () => {
  expect(new SkipOffers().at([INTRO], 12.5, 0)).toBeNull();
  expect(skippable([], [{ fromS: 0, toS: 2.9, kind: "intro" }])).toEqual([]);
});

test("chapters say what they are in the video's language; suggestions fill what they leave", () => {
  const chapters = [
    { startS: 0, endS: 12, text: " Vorspann " },
    { startS: 12, endS: 300, text: "Introduction to bees and their keepers" },
    { startS: 300, endS: 330, text: "Closing credits" },
  ];
  const suggested = [
    { fromS: 2, toS: 13, kind: "intro" as const },
    { fromS: 60, toS: 75, kind: "section" as const },
  ];
  expect(skippable(chapters, suggested)).toEqual([
    { fromS: 0, toS: 12, kind: "intro" },
    { fromS: 60, toS: 75, kind: "section" },
    { fromS: 300, toS: 330, kind: "credits" },
  ]);
});

// -- curves -----------------------------------------------------------------------------------------------------------

test("no heat is no curve", () => {
  expect(areaPath([])).toBe("");
  expect(areaPath(new Array(100).fill(0))).toBe("");
  expect(linePath([])).toBe("");
});

test("the area runs from edge to edge through the middles of its slices", () => {
  expect(areaPath([0, 1])).toBe("M0 24V24H25C41.67 24 58.33 0 75 0H100V24Z");
});

test("a monotone curve never leaves the values beside it", () => {
  const values = [0, 0.1, 1, 0.9, 0.9, 0.2, 0.2, 0.6, 0];
  const slopes = monotoneSlopes(values);
  for (let i = 0; i + 1 < values.length; i++) {
    const [from = 0, to = 0, first = 0, last = 0] = [values[i], values[i + 1], slopes[i], slopes[i + 1]];
    for (let t = 0; t <= 1; t += 0.05) {
      const [h00, h10] = [(1 + 2 * t) * (1 - t) ** 2, t * (1 - t) ** 2];
      const [h01, h11] = [t * t * (3 - 2 * t), t * t * (t - 1)];
      const at = h00 * from + h10 * first + h01 * to + h11 * last;
      expect(at).toBeGreaterThanOrEqual(Math.min(from, to) - 1e-9);
      expect(at).toBeLessThanOrEqual(Math.max(from, to) + 1e-9);
    }
  }
});

test("the peak is the stretch around the maximum with at least half of it", () => {
  expect(peakOf([0, 0.4, 0.5, 1, 0.8, 0.49, 0.9, 0, 0, 0])).toEqual([0.2, 0.5]);
  expect(peakOf([0, 0])).toBeNull();
});

// -- what was seen ------------------------------------------------------------------------------------------------------

test("stretches that touch or overlap are one", () => {
  expect(
    union(
      [[10, 20]],
      [
        [0, 5],
        [19, 30],
        [5.9, 9.5],
      ],
    ),
  ).toEqual([[0, 30]]);
  expect(
    union([
      [0, 5],
      [7, 9],
    ]),
  ).toEqual([
    [0, 5],
    [7, 9],
  ]);
  expect(union([[5, 5]])).toEqual([]);
});

test("at most forty stretches are kept: the smallest gaps are closed", () => {
  const many = Array.from({ length: 60 }, (_, i): Range => [i * 10, i * 10 + (i === 30 ? 8 : 2)]);
  const kept = union(many);
  expect(kept).toHaveLength(40);
  expect(kept[0]?.[0]).toBe(0);
  expect(kept.at(-1)?.[1]).toBe(592);
  expect(kept.some(([from, to]) => from <= 308 && 310 <= to)).toBe(true);
});

test("the element's own ranges", () => {
  const played = { length: 2, start: (i: number) => [0, 50][i] ?? 0, end: (i: number) => [10, 60][i] ?? 0 };
  expect(playedRanges({ played })).toEqual([
    [0, 10],
    [50, 60],
  ]);
});

test("position and stretches are remembered, and forgotten with the switch", () => {
  rememberPosition("film", 50, 100, [[0, 50.4]]);
  expect(resumePosition("film")).toBe(47);
  expect(seenBefore("film")).toEqual([[0, 51]]);
  expect(rememberedPositions()).toMatchObject([{ key: "film", positionS: 50, durationS: 100 }]);
  rememberPosition("film", 99, 100, [[90, 99]]);
  expect(resumePosition("film")).toBe(0);
  expect(rememberedPositions()).toEqual([]);
  expect(seenBefore("film")).toEqual([
    [0, 51],
    [90, 99],
  ]);
  switchResume(false);
  expect(seenBefore("film")).toEqual([]);
  rememberPosition("film", 50, 100, [[0, 50]]);
  expect(localStorage.getItem("viewbox.resume")).toBeNull();
});

test("what another version or a hand left in storage does no harm", () => {
  localStorage.setItem(
    "viewbox.resume",
    '{"old": {"s": 70, "at": 1}, "odd": {"s": "x", "at": 2, "r": [[1, 2], 3, ["a", "b"]]}}',
  );
  expect(resumePosition("old")).toBe(67);
  expect(seenBefore("odd")).toEqual([[1, 2]]);
  expect(resumePosition("odd")).toBe(0);
  expect(resumePosition("__proto__")).toBe(0);
  localStorage.setItem("viewbox.player", "[1");
  expect(preferences()).toEqual({});
});

test("preferences add up; nonsense is as good as nothing", () => {
  prefer({ volume: 0.4 });
  prefer({ captionsOn: true, captionStyle: { ...CAPTION_STYLE, size: "huge" } });
  expect(preferences()).toEqual({
    volume: 0.4,
    captionsOn: true,
    captionStyle: { ...CAPTION_STYLE, size: "huge" },
  });
  localStorage.setItem("viewbox.player", '{"volume": 7, "muted": "yes", "captionStyle": 3}');
  expect(preferences()).toEqual({});
});

test("where storage is forbidden nothing is remembered and nothing fails", () => {
  vi.stubGlobal("localStorage", storage(true));
  prefer({ volume: 0.4 });
  rememberPosition("film", 50, 100);
  expect(preferences()).toEqual({});
  expect(resumePosition("film")).toBe(0);
  expect(rememberedPositions()).toEqual([]);
});

// -- words ------------------------------------------------------------------------------------------------------------

const STILL: Status = {
  paused: true,
  fullscreen: false,
  pip: false,
  rate: 1,
  captions: false,
  volume: 1,
  muted: false,
  seeking: false,
  positionS: 65,
};

test("several changes are told in one breath; time going by is not told", () => {
  expect(statusText(STILL, { ...STILL, positionS: 70 }, ENGLISH)).toBeNull();
  expect(statusText(STILL, { ...STILL, paused: false, rate: 1.5 }, ENGLISH)).toBe("Playing. Speed, 1.5×");
  expect(statusText({ ...STILL, fullscreen: true, captions: true }, STILL, ENGLISH)).toBe(
    "Captions off. Full screen off",
  );
});

test("a seek is told where it settled, volume as a share, silence as such", () => {
  expect(settledText({ ...STILL, seeking: true }, STILL, ENGLISH)).toBe("At 1 minute 5 seconds");
  expect(settledText(STILL, { ...STILL, seeking: true }, ENGLISH)).toBeNull();
  expect(settledText(STILL, { ...STILL, volume: 0.55 }, ENGLISH)).toBe("Volume 55\u202f%");
  expect(settledText(STILL, { ...STILL, muted: true }, ENGLISH)).toBe("Sound is off");
});

test("an engine's code becomes a reason that a person understands", () => {
  expect(failureOf("manifestLoadError", true)).toBe("unreachable");
  expect(failureOf("fragLoadError", true)).toBe("network");
  expect(failureOf("audioTrackLoadTimeOut", true)).toBe("network");
  expect(failureOf("manifestIncompatibleCodecsError", true)).toBe("unsupported");
  expect(failureOf("unsupported", true)).toBe("unsupported");
  expect(failureOf("bufferAppendError", true)).toBe("other");
  expect(failureOf("fragLoadError", false)).toBe("offline");
});

test("what is ready and what is to come", () => {
  const renditions = [
    { height: 480, progress: 1 },
    { height: 1080, progress: 0.42 },
  ];
  expect(renditionsText({ progress: 0.7, renditions }, ENGLISH)).toBe("480p ready · 1080p 42\u202f%");
  expect(renditionsText({ progress: 0.1, renditions: [] }, ENGLISH)).toBe("Being prepared: 10\u202f%");
});

test("a language is found with or without its region", () => {
  const tracks = [
    { index: 0, label: "English", lang: "en-GB" },
    { index: 1, label: "Deutsch", lang: "de" },
    { index: 2, label: "", lang: null },
  ];
  expect(sameLanguage(tracks, "de-AT")?.index).toBe(1);
  expect(sameLanguage(tracks, "en")?.index).toBe(0);
  expect(sameLanguage(tracks, "und")?.index).toBe(2);
  expect(sameLanguage(tracks, "fr")).toBeUndefined();
  expect(sameLanguage(tracks, undefined)).toBeUndefined();
});
