// Where a person stopped and what they have seen: functional storage on this device, with an off switch. Nothing of it
// is sent anywhere.
import { type Range, union } from "./seen";
import { readObject, readStored, writeStored } from "./storage";

const KEY = "viewbox.resume";
const SWITCH = "viewbox.resume.off";
const MAX_ENTRIES = 100;
/** Shorter videos start from the beginning. */
const MIN_DURATION_S = 60;
const REWIND_S = 3; // to find one's way back in

interface Entry {
  /** Where it stopped; absent at the beginning and at the end. */
  s?: number;
  at: number;
  /** Duration, for the share that was seen. */
  d?: number;
  /** Seen stretches in whole seconds. */
  r?: Range[];
}

/** A video that was begun and not finished. */
export interface Remembered {
  key: string;
  positionS: number;
  durationS: number;
  /** Wall clock of the last visit, ms. */
  atMs: number;
}

export function resumeIsOn(): boolean {
  return readStored(SWITCH) === null;
}

export function switchResume(on: boolean): void {
  writeStored(SWITCH, on ? null : "1");
  if (!on) writeStored(KEY, null);
}

/** Where to go on, in seconds; 0 = at the beginning. */
export function resumePosition(key: string): number {
  const s = entry(key)?.s;
  return Number.isFinite(s) ? Math.max(0, Number(s) - REWIND_S) : 0;
}

/** What was seen on earlier visits. */
export function seenBefore(key: string): Range[] {
  const ranges = resumeIsOn() ? entry(key)?.r : undefined;
  return Array.isArray(ranges) ? ranges.filter(isRange) : [];
}

/** Remembers a position, and what was seen; the first and last 5 % are the beginning and the end. */
export function rememberPosition(key: string, positionS: number, durationS: number, seen: readonly Range[] = []): void {
  if (!resumeIsOn() || durationS < MIN_DURATION_S) return;
  const all = readObject<Entry>(KEY);
  const within = positionS > 0.05 * durationS && positionS < 0.95 * durationS;
  const ranges = union(seenBefore(key), seen).map(([fromS, toS]): Range => [Math.floor(fromS), Math.ceil(toS)]);
  delete all[key];
  if (within || ranges.length > 0)
    all[key] = { ...(within && { s: Math.round(positionS) }), at: Date.now(), d: Math.round(durationS), r: ranges };
  const newest = Object.entries(all).sort(([, a], [, b]) => b.at - a.at);
  writeStored(KEY, JSON.stringify(Object.fromEntries(newest.slice(0, MAX_ENTRIES))));
}

/** All that is remembered, newest first: what could be watched on. */
export function rememberedPositions(): Remembered[] {
  if (!resumeIsOn()) return [];
  return Object.entries(readObject<Entry>(KEY))
    .filter(([, { s }]) => Number.isFinite(s))
    .map(([key, { s = 0, d = 0, at }]) => ({ key, positionS: s, durationS: d, atMs: at }))
    .sort((a, b) => b.atMs - a.atMs);
}

/** Storage may hold what another version, or a hand, has written. */
function isRange(value: unknown): value is Range {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
}

function entry(key: string): Entry | undefined {
  const all = readObject<Entry>(KEY);
  return Object.hasOwn(all, key) ? all[key] : undefined;
}
