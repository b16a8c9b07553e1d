import { expect, test } from "vitest";
import type { Video } from "../app/api";
import { curveOf, sectionsOf } from "../app/useAudience";
import { countText, linksIn, renditionsText, sentText } from "../app/words";

test("how much of a file has gone, in the unit of the whole", () => {
  expect(sentText(0, 340_000_000)).toBe("0.0 of 340 MB");
  expect(sentText(12_400_000, 340_000_000)).toBe("12.4 of 340 MB");
  expect(sentText(999, 999)).toBe("999 of 999 bytes");
  expect(sentText(1_500_000_000, 4_700_000_000)).toBe("1.5 of 4.7 GB");
});

test("counts: 1,204 and 12.3k", () => {
  expect([0, 999, 1204, 9_999, 12_345, 1_234_567].map(countText)).toEqual([
    "0",
    "999",
    "1,204",
    "9,999",
    "12.3k",
    "1,234.5k",
  ]);
});

test("pasted addresses are told from pasted words", () => {
  expect(linksIn(" https://a.example/b.mp4 \n http://c.example/d ")).toEqual([
    "https://a.example/b.mp4",
    "http://c.example/d",
  ]);
  for (const words of ["", "see https://a.example/b.mp4", "ftp://a.example/b", "javascript:alert(1)"])
    expect(linksIn(words)).toBeNull();
});

test("an encode that goes on is told rendition by rendition", () => {
  const of = (...shares: [number, number][]) =>
    renditionsText({ renditions: shares.map(([height, progress]) => ({ height, progress })) } as Video);
  expect(of([480, 1], [1080, 0.42])).toBe("480p is ready, 1080p 42\u202f%");
  expect(of([720, 0.2], [540, 0.201], [360, 0.3])).toBe("720p, 540p 20\u202f%, 360p 30\u202f%");
  expect(of([720, 0.2], [540, 0.2], [360, 0.2])).toBe("360p–720p 20\u202f%");
  expect(of([480, 1], [720, 1])).toBe("480p, 720p are ready, finishing");
  expect(of([480, 0])).toBe("480p 0\u202f%");
});

test("what at least three in ten jump over is offered, as an intro where the video begins with it", () => {
  const rows = [
    { from_s: 0, to_s: 13, share: 0.41 },
    { from_s: 40, to_s: 50, share: 0.3 },
    { from_s: 60, to_s: 70, share: 0.29 },
  ];
  expect(sectionsOf(rows)).toEqual([
    { fromS: 0, toS: 13, kind: "intro" },
    { fromS: 40, toS: 50, kind: "section" },
  ]);
});

test("the audience is drawn from ten views on, from start to end", () => {
  const rows = [
    { from_s: 30, unique: 0.4, n: 10 },
    { from_s: 0, unique: 0.9, n: 10 },
  ];
  expect(curveOf(rows)).toEqual([0.9, 0.4]);
  expect(curveOf(rows.map((row) => ({ ...row, n: 9 })))).toBeNull();
  expect(curveOf([])).toBeNull();
});
