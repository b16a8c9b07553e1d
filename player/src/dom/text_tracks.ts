// Captions and subtitles of a media element, whoever put them there: the page, hls.js or the browser.
import type { TrackChoice } from "./engine";

/** The choices, in the element's order. What is no text for people (metadata, chapters) is left out. */
export function textChoices(media: HTMLMediaElement): TrackChoice[] {
  return texts(media).map(({ label, language }, index) => ({ index, label, lang: language || null }));
}

/** Index of the shown text, -1 = none. */
export function chosenText(media: HTMLMediaElement): number {
  return texts(media).findIndex((track) => track.mode === "showing");
}

/** Shows one text and no other; -1 = none. hls.js loads what is shown. */
export function selectText(media: HTMLMediaElement, index: number): void {
  for (const [at, track] of texts(media).entries()) track.mode = at === index ? "showing" : "disabled";
}

/** Calls back when a text comes, goes, or is chosen, until `signal` aborts. */
export function watchTexts(media: HTMLMediaElement, changed: () => void, signal: AbortSignal): void {
  for (const type of ["addtrack", "removetrack", "change"]) {
    media.textTracks.addEventListener(type, changed, { signal });
  }
}

function texts(media: HTMLMediaElement): TextTrack[] {
  return Array.from(media.textTracks).filter(({ kind }) => kind === "captions" || kind === "subtitles");
}
