/** A video that takes longer, and a page on which none plays, have been waited for long enough. */
const PATIENCE_MS = 1000;

/** Resolves once a video of the page has something to show. What else a page loads comes after it, or after a second. */
export function firstPicture(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MS);
    // Media events do not bubble, but are seen on their way down.
    document.addEventListener("loadeddata", () => resolve(), { capture: true, once: true });
  });
}
