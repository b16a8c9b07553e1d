// Captions and subtitles of a media element, whoever put them there: the page, hls.js or the browser.
import type { TrackChoice } from "./engine";

export type Texts = ReturnType<typeof textsOf>;

export function textsOf(media: HTMLMediaElement) {
  /** What is no text for people (metadata, chapters) is left out. */
  const texts = () => Array.from(media.textTracks).filter(({ kind }) => kind === "captions" || kind === "subtitles");

  return {
    /** In the element's order. */
    choices: (): TrackChoice[] =>
      texts().map(({ label, language }, index) => ({ index, label, lang: language || null })),

    /** Index of the shown text, -1 = none. */
    shown: () => texts().findIndex(({ mode }) => mode === "showing"),

    /** Shows one text and no other; -1 = none. hls.js loads what is shown. */
    select(index: number): void {
      for (const [at, track] of texts().entries()) track.mode = at === index ? "showing" : "disabled";
    },

    /** Calls back when a text comes, goes, or is chosen, until `signal` aborts. */
    watch(changed: () => void, signal: AbortSignal): void {
      for (const type of ["addtrack", "removetrack", "change"]) {
        media.textTracks.addEventListener(type, changed, { signal });
      }
    },
  };
}
