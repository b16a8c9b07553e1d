import type { Video } from "./api";

/** What is happening to a video, in a few words. */
export function statusText(video: Video): string {
  switch (video.status) {
    case "queued":
      return "Waiting for its turn";
    case "fetching":
      return `Fetching ${percent(video.progress)}`;
    case "probing":
      return "Looking into the file";
    case "encoding":
      return `${video.playable ? "Playable, encoding" : "Encoding"} ${percent(video.progress)}`;
    case "failed":
      return "Failed";
    case "external":
      return "Plays elsewhere";
    case "ready":
      return "Ready";
  }
}

/** `42 %` with a thin space. */
export function percent(share: number): string {
  return `${Math.floor(100 * Math.min(1, Math.max(0, share)))}\u2009%`;
}

/** `480p is ready, 1080p 42 %`: an encode that goes on, rendition by rendition. */
export function renditionsText({ renditions }: Video): string {
  const ready = renditions.filter(({ progress }) => progress >= 1).map(({ height }) => `${height}p`);
  const coming = renditions
    .filter(({ progress }) => progress < 1)
    .map(({ height, progress }) => `${height}p ${percent(progress)}`);
  const done = ready.length > 0 ? `${ready.join(", ")} ${ready.length === 1 ? "is" : "are"} ready, ` : "";
  return done + (coming.join(", ") || "finishing");
}

/** `12 s left`, `3 min left`. */
export function leftText(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.round(seconds / 60)} min left`;
}

/** A hint as a sentence of its own. */
export function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(upper) ? upper : `${upper}.`;
}

const UNITS = ["bytes", "KB", "MB", "GB", "TB"];

/** `12.4 of 340 MB`: how much of a file has gone, in the unit of the whole. */
export function sentText(sentBytes: number, sizeBytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, sizeBytes)) / 3));
  const inUnit = (bytes: number) => {
    const value = bytes / 1000 ** power;
    return power === 0 || value >= 100 ? String(Math.floor(value)) : value.toFixed(1);
  };
  return `${inUnit(sentBytes)} of ${inUnit(sizeBytes)} ${UNITS[power]}`;
}

/** `1,234`, `12.3k` above 10,000. */
export function countText(count: number): string {
  return count < 10_000 ? count.toLocaleString("en") : `${(Math.floor(count / 100) / 10).toLocaleString("en")}k`;
}

/** The addresses in a pasted text; null when it holds anything else. */
export function linksIn(text: string): string[] | null {
  const words = text.split(/\s+/).filter(Boolean);
  return words.length > 0 && words.every((word) => /^https?:\/\/\S+\.\S+/i.test(word)) ? words : null;
}
