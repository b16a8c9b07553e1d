// The video of the address that was opened: asked for beside the page's own files, and there when it is drawn first.
import { showVideo, type Video } from "./api";

/** A server that takes longer sees the page drawn without its video. */
const PATIENCE_MS = 300;
let known: Video | null = null;

/** Resolves when the video is known, cannot be had, or takes too long; the page itself asks again and says what is wrong. */
export function askFirst(id: string): Promise<void> {
  const answer = showVideo(id).then(
    (video) => {
      known = video;
      if (video.playable && video.urls.hls && "MediaSource" in window) prefetch(video.urls.hls);
    },
    () => undefined,
  );
  return Promise.race([answer, new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

/** The playlist travels while the page is drawn: the engine's own request for it takes this answer. */
function prefetch(href: string): void {
  document.head.append(
    Object.assign(document.createElement("link"), { rel: "preload", as: "fetch", crossOrigin: "", href }),
  );
}

/** What was answered about `id`, once: later it would be old. */
export function takeFirst(id: string): Video | null {
  const video = known?.id === id ? known : null;
  known = null;
  return video;
}
