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

/** `12 s left`, `3 min left`. */
export function leftText(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.round(seconds / 60)} min left`;
}

/** A hint as a sentence of its own. */
export function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(upper) ? upper : `${upper}.`;
}
