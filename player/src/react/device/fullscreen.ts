// Full screen wherever it is called something else, and sideways on a phone.
type FullscreenVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };
type LockableOrientation = ScreenOrientation & { lock?: (orientation: "landscape") => Promise<void> };

/** Fills the screen with `box`, or gives it back. On an iPhone only the video itself can fill it. */
export function toggleFullscreen(box: HTMLElement | null, media: HTMLVideoElement): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else if (box?.requestFullscreen)
    box.requestFullscreen({ navigationUI: "hide" }).then(
      () => turnTo(media),
      () => undefined,
    );
  else (media as FullscreenVideo).webkitEnterFullscreen?.();
}

/** A wide picture on a phone held upright is better seen sideways; leaving full screen unlocks by itself. */
function turnTo(media: HTMLVideoElement): void {
  const { orientation } = screen as { orientation?: LockableOrientation };
  if (media.videoWidth <= media.videoHeight || !matchMedia("(pointer: coarse)").matches) return;
  orientation?.lock?.("landscape").catch(() => undefined); // desktops and iPads cannot
}
