// What a screen reader is told: states that the media has confirmed, several at once in one breath. Seeks and volume
// wait until they settle, and are left out while a slider has the focus, whose own value is being read.
import type { Words } from "./i18n/language";

export interface Status {
  paused: boolean;
  fullscreen: boolean;
  pip: boolean;
  rate: number;
  captions: boolean;
  volume: number;
  muted: boolean;
  seeking: boolean;
  positionS: number;
}

/** Seeks and volume are told when nothing of the kind has happened for this long. */
export const SETTLE_MS = 200;

/** What is told at once; null when nothing of it changed. */
export function statusText(before: Status, now: Status, { m, rate }: Words): string | null {
  const told: string[] = [];
  if (before.paused !== now.paused) told.push(now.paused ? m.statusPaused : m.statusPlaying);
  if (before.captions !== now.captions) told.push(now.captions ? m.statusCaptionsOn : m.statusCaptionsOff);
  if (before.fullscreen !== now.fullscreen) told.push(now.fullscreen ? m.fullscreen : m.statusFullscreenOff);
  if (before.pip !== now.pip) told.push(now.pip ? m.pip : m.statusPipOff);
  if (before.rate !== now.rate) told.push(m.speedIs(rate(now.rate)));
  return told.length > 0 ? told.join(". ") : null;
}

/** What is told once it has settled; null when nothing of it changed. */
export function settledText(before: Status, now: Status, { m, percent, spoken }: Words): string | null {
  if (before.seeking && !now.seeking) return m.statusSeeked(spoken(now.positionS));
  if (before.volume === now.volume && before.muted === now.muted) return null;
  return now.muted || now.volume <= 0 ? m.statusMuted : m.statusVolume(percent(now.volume));
}
