// Where a person stopped: functional storage on this device, with an off switch. Nothing of it is sent anywhere.
const KEY = "viewbox.resume";
const SWITCH = "viewbox.resume.off";
const MAX_ENTRIES = 100;
/** Shorter videos start from the beginning. */
const MIN_DURATION_S = 60;
const REWIND_S = 3; // to find one's way back in

type Positions = Record<string, { s: number; at: number }>;

export function resumeIsOn(): boolean {
  return read(SWITCH) === null;
}

export function switchResume(on: boolean): void {
  if (on) remove(SWITCH);
  else {
    write(SWITCH, "1");
    remove(KEY);
  }
}

/** Where to go on, in seconds; 0 = at the beginning. */
export function resumePosition(key: string): number {
  const s = positions()[key]?.s;
  return s === undefined ? 0 : Math.max(0, s - REWIND_S);
}

/** Remembers a position; the first and last 5 % are the beginning and the end. */
export function rememberPosition(key: string, positionS: number, durationS: number): void {
  if (!resumeIsOn() || durationS < MIN_DURATION_S) return;
  const all = positions();
  delete all[key];
  if (positionS > 0.05 * durationS && positionS < 0.95 * durationS)
    all[key] = { s: Math.round(positionS), at: Date.now() };
  const newest = Object.entries(all).sort(([, a], [, b]) => b.at - a.at);
  write(KEY, JSON.stringify(Object.fromEntries(newest.slice(0, MAX_ENTRIES))));
}

/** All that is remembered, newest first: what could be watched on. */
export function rememberedPositions(): { key: string; positionS: number }[] {
  return Object.entries(positions())
    .sort(([, a], [, b]) => b.at - a.at)
    .map(([key, { s }]) => ({ key, positionS: s }));
}

function positions(): Positions {
  try {
    return (JSON.parse(read(KEY) ?? "{}") as Positions | null) ?? {};
  } catch {
    return {};
  }
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is forbidden: nothing is remembered
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // full or forbidden
  }
}

function remove(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // forbidden
  }
}
