// Another master playlist for a video that is open, without a visible break: what is buffered stays and plays on.
import Hls from "hls.js";

/** A master that does not come within this time is not switched to; the next one may be. */
const ANSWER_MS = 10_000;

/** Switches of one engine: one at a time, and of those that wait only the newest. */
export class MasterSwitch {
  readonly #hls: Hls;
  readonly #signal: AbortSignal;
  #running: Promise<boolean> | null = null;
  #newest = "";

  /** Nothing is switched any more once `signal` has aborted. */
  constructor(hls: Hls, signal: AbortSignal) {
    this.#hls = hls;
    this.#signal = signal;
  }

  /** As `Engine.switchTo`. A call that a newer one overtook tells how that one went. */
  async to(url: string): Promise<boolean> {
    this.#newest = url;
    while (this.#running) {
      const done = await this.#running;
      if (this.#newest !== url) return this.#running ?? done;
    }
    const mine = switchMaster(this.#hls, url, this.#signal);
    this.#running = mine;
    try {
      return await mine;
    } finally {
      if (this.#running === mine) this.#running = null;
    }
  }
}

/**
 * Loads `url` into `hls` in place. hls.js's own loadSource makes a new MediaSource when media is attached: picture and
 * sound would stop. So the media is handed out with its buffers, and back again when the new master's first segment,
 * the one behind all that is buffered, has arrived. The chosen level, sound and captions stay.
 *
 * True once the new master feeds the media. False, and nothing was touched: it does not answer, or is no playlist.
 */
async function switchMaster(hls: Hls, url: string, signal: AbortSignal): Promise<boolean> {
  if (!(await isPlaylist(url, signal)) || signal.aborted) return false;
  const { media } = hls;
  if (!media || media.buffered.length === 0) {
    hls.loadSource(url);
    return true;
  }
  const chosen = hls.levels[hls.manualLevel];
  const sound = hls.audioTracks[hls.audioTrack];
  if (sound) hls.config.audioPreference = sound;
  const text = hls.subtitleTracks[hls.subtitleTrack];
  if (text) hls.config.subtitlePreference = text;
  const loadFromS = bufferedUntil(media);
  const { autoStartLoad } = hls.config;
  hls.config.autoStartLoad = false; // it would start at the beginning
  hls.once(Hls.Events.MANIFEST_PARSED, () => {
    const level = chosen ? hls.levels.findIndex(({ height }) => height === chosen.height) : -1;
    if (level >= 0) hls.loadLevel = level;
    hls.startLoad(loadFromS, true); // true: the playhead is where it belongs
    queueMicrotask(() => {
      hls.config.autoStartLoad = autoStartLoad; // hls.js has looked at it by then
    });
  });
  const handover = hls.transferMedia();
  removeTexts(hls);
  hls.loadSource(url);
  if (!handover) return true;
  const attached = attachedAgain(hls, signal);
  hls.attachMedia(handover);
  return attached;
}

/**
 * hls.js leaves a master's captions in the element when it hands that out, where the next one's would stand beside them.
 * Their mode stays as it is: a change of it would be taken for a choice by hand.
 */
function removeTexts(hls: Hls): void {
  for (const { trackNode } of hls.allSubtitleTracks) trackNode?.remove();
}

/** Asked before anything is touched: a master that is not there must not cost the one that plays. */
async function isPlaylist(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    const answer = await fetch(url, { signal: within, cache: "no-cache" });
    return answer.ok && (await answer.text()).startsWith("#EXTM3U");
  } catch {
    return false;
  }
}

/** True when the media is attached again, false when that will not happen. */
function attachedAgain(hls: Hls, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    hls.once(Hls.Events.MEDIA_ATTACHED, () => resolve(true));
    hls.once(Hls.Events.DESTROYING, () => resolve(false));
    signal.addEventListener("abort", () => resolve(false), { once: true });
  });
}

/** The end of what is buffered around the playhead. */
function bufferedUntil(media: HTMLMediaElement): number {
  const { buffered, currentTime } = media;
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime + 0.1 && buffered.end(i) >= currentTime) return buffered.end(i);
  }
  return currentTime;
}
