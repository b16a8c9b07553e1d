import type { Video } from "./api";
import { m, n } from "./i18n";

/** What is happening to a video, in a few words. */
export function statusText(video: Video): string {
  switch (video.status) {
    case "queued":
      return m.queued;
    case "fetching":
      return m.fetching(percent(video.progress));
    case "probing":
      return m.probing;
    case "encoding":
      return (video.playable ? m.encodingPlayable : m.encoding)(percent(video.progress));
    case "failed":
      return m.failed;
    case "external":
      return m.external;
    case "ready":
      return m.ready;
  }
}

/** `42 %` with a thin space. */
export function percent(share: number): string {
  return n.percent(Math.floor(100 * share) / 100); // what is not whole is not 100 %
}

/** `480p is ready, 1080p 42 %`: an encode that goes on; renditions that are as far as each other are told together. */
export function renditionsText({ renditions }: Video): string {
  const ready = renditions.filter(({ progress }) => progress >= 1).map(({ height }) => `${height}p`);
  const coming = new Map<string, number[]>();
  for (const { height, progress } of renditions) {
    const far = percent(progress);
    if (progress < 1) coming.set(far, [...(coming.get(far) ?? []), height]);
  }
  const told = [...coming].map(([far, heights]) => `${heightsText(heights)} ${far}`);
  const done = ready.length > 0 ? m.areReady(ready.join(", "), ready.length === 1) : "";
  return done + (told.join(", ") || m.finishing);
}

/** `720p`; `720p, 540p`; of more `234p–720p`. */
function heightsText(heights: number[]): string {
  if (heights.length < 3) return heights.map((height) => `${height}p`).join(", ");
  return `${Math.min(...heights)}p–${Math.max(...heights)}p`;
}

/** `12 s left`, `3 min left`. */
export function leftText(seconds: number): string {
  return seconds < 90 ? m.secondsLeft(n.count(Math.ceil(seconds))) : m.minutesLeft(n.count(Math.round(seconds / 60)));
}

/** A hint as a sentence of its own. */
export function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(upper) ? upper : `${upper}.`;
}

const UNITS = ["KB", "MB", "GB", "TB"];

/** `12.4 of 340 MB`: how much of a file has gone, in the unit of the whole. */
export function sentText(sentBytes: number, sizeBytes: number): string {
  const power = Math.min(UNITS.length, Math.floor(Math.log10(Math.max(1, sizeBytes)) / 3));
  const inUnit = (bytes: number) => {
    const value = bytes / 1000 ** power;
    return power === 0 || value >= 100 ? n.count(Math.floor(value)) : n.count(value, 1);
  };
  return m.sentOf(inUnit(sentBytes), inUnit(sizeBytes), UNITS[power - 1] ?? m.bytes);
}

/** `1,234`, `12.3k` above 10,000. */
export function countText(count: number): string {
  return count < 10_000 ? n.count(count) : m.thousands(n.count(Math.floor(count / 100) / 10, 1));
}

/** The addresses in a pasted text; null when it holds anything else. */
export function linksIn(text: string): string[] | null {
  const words = text.split(/\s+/).filter(Boolean);
  return words.length > 0 && words.every((word) => /^https?:\/\/\S+\.\S+/i.test(word)) ? words : null;
}
