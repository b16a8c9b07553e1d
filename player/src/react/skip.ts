// Which part may be skipped now. A part is offered once, for a short time, and never again in this visit.
import type { Cue } from "./cues";

export type SkipKind = "intro" | "recap" | "credits" | "section";

export interface SkipSection {
  fromS: number;
  toS: number;
  kind: SkipKind;
}

/** How long a part is offered. */
export const OFFER_MS = 8000;
/** Shorter parts are over before a hand is there. */
const MIN_S = 3;
/** With less than this left of a part, skipping it gains nothing. */
const MIN_LEFT_S = 1;

// Titles that people give such chapters, in the languages of their videos.
const TITLES: [SkipKind, RegExp][] = [
  ["intro", /^(intro(duction)?|opening( credits)?|title sequence|vorspann|einleitung|générique|المقدمة|مقدمة)$/iu],
  ["recap", /^(recap|previously( on.*)?|rückblick|was bisher geschah|ملخص)$/iu],
  ["credits", /^((end|closing) credits|credits|outro|abspann|الختام|شارة النهاية)$/iu],
];

/** Parts to skip: chapters that say so, then suggestions from how people skip, where no chapter says it already. */
export function skippable(chapters: readonly Cue[], suggested: readonly SkipSection[]): SkipSection[] {
  const named = chapters.flatMap(({ startS, endS, text }): SkipSection[] => {
    const kind = TITLES.find(([, title]) => title.test(text.trim()))?.[0];
    return kind ? [{ fromS: startS, toS: endS, kind }] : [];
  });
  const free = suggested.filter(({ fromS, toS }) => !named.some((each) => fromS < each.toS && each.fromS < toS));
  return [...named, ...free].filter(({ fromS, toS }) => toS - fromS >= MIN_S).sort((a, b) => a.fromS - b.fromS);
}

/** Offers parts as the playhead comes by. */
export class SkipOffers {
  readonly #closed = new Set<string>();
  #open: { key: string; section: SkipSection; sinceMs: number } | null = null;

  /** The part to offer at this position and time; null when there is none. */
  at(sections: readonly SkipSection[], positionS: number, nowMs: number): SkipSection | null {
    const section = sections.find(({ fromS, toS }) => fromS <= positionS && positionS < toS - MIN_LEFT_S);
    const key = section ? keyOf(section) : null;
    if (this.#open && (this.#open.key !== key || nowMs - this.#open.sinceMs >= OFFER_MS)) this.close();
    if (!section || key === null || this.#closed.has(key)) return null;
    this.#open ??= { key, section, sinceMs: nowMs };
    return this.#open.section;
  }

  /** Taken, turned down or over: it does not come back. */
  close(): void {
    if (this.#open) this.#closed.add(this.#open.key);
    this.#open = null;
  }
}

function keyOf({ fromS, toS }: SkipSection): string {
  return `${fromS} ${toS}`;
}
