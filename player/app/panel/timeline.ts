/** Where a second lies on the strips, and what is there. Pure: no DOM. */

import type { PanelSelection, PanelStrips } from "./types";

/** A drag shorter than this is a click. */
export const BRUSH_MIN_PX = 5;
const STEP_S = 5;

/** The position under a pixel of a plot `widthPx` wide; clamped to the video. */
export function secondsAt(xPx: number, widthPx: number, durationS: number): number {
  return widthPx <= 0 ? 0 : Math.min(durationS, Math.max(0, (xPx / widthPx) * durationS));
}

/** The fraction 0..1 of the width at which a position lies. */
export function fractionAt(positionS: number, durationS: number): number {
  return durationS <= 0 ? 0 : Math.min(1, Math.max(0, positionS / durationS));
}

/** A brushed stretch: ordered, whole seconds where the video is long enough for them, never empty. */
export function selectionBetween(aS: number, bS: number, durationS: number): PanelSelection {
  const grainS = durationS >= 20 ? 1 : 0.1;
  const from = Math.floor(Math.min(aS, bS) / grainS) * grainS;
  const to = Math.ceil(Math.max(aS, bS) / grainS) * grainS;
  const fromS = Math.max(0, Math.min(from, durationS - grainS));
  return { from_s: round(fromS), to_s: round(Math.min(durationS, Math.max(to, fromS + grainS))) };
}

/** What an arrow key does to the playhead: 5 s, or a thirtieth of a long video. */
export function keyStepS(durationS: number): number {
  return Math.max(Math.min(STEP_S, durationS / 20), durationS / 200);
}

/** The curve's value at a position; null where there is no point. */
export function valueAt(curve: readonly number[], strips: PanelStrips, positionS: number): number | null {
  const index = Math.min(curve.length - 1, Math.max(0, Math.floor(positionS / strips.bin_s)));
  return curve[index] ?? null;
}

/** `42 %` with a thin space. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(0)}\u202f%`;
}

/** What is at a position, in words: tooltip and screen reader say the same. */
export function factsAt(strips: PanelStrips | null, positionS: number): string[] {
  if (strips === null) return [];
  const facts: string[] = [];
  const views = valueAt(strips.views, strips, positionS);
  const plays = valueAt(strips.plays, strips, positionS);
  const skips = valueAt(strips.skips, strips, positionS);
  if (views !== null) facts.push(`${percent(views)} of views`);
  if (plays !== null) facts.push(`${plays.toFixed(2)} plays per view`);
  if (skips !== null && skips > 0) facts.push(`${percent(skips)} skip it`);
  return facts;
}

/** Positions of time ticks: round numbers, at most `most` of them. */
export function ticks(durationS: number, most: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];
  const step = steps.find((candidate) => durationS / candidate <= most) ?? 14400;
  return Array.from({ length: Math.floor(durationS / step) + 1 }, (_, index) => index * step);
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
