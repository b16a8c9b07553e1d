// Another master playlist for a video that is open, without a visible break: what is buffered stays and plays on.
import Hls from "hls.js";

/** A master that does not come within this time is not switched to; the next one may be. */
const ANSWER_MS = 10_000;

/**
 * Loads `url` into `hls` in place. hls.js's own loadSource makes a new MediaSource when media is attached: picture and
 * sound would stop. So the media is handed out with its buffers, and back again when the new master's first segment,
 * the one behind all that is buffered, has arrived.
 *
 * False, and nothing was touched: the new master does not answer, or is no playlist. The chosen level and sound stay.
 */
export async function switchMaster(hls: Hls, url: string, signal: AbortSignal): Promise<boolean> {
  if (!(await isPlaylist(url, signal)) || signal.aborted) return false;
  const media = hls.media;
  if (!media || media.buffered.length === 0) {
    hls.loadSource(url);
    return true;
  }
  const chosen = hls.levels[hls.manualLevel];
  const sound = hls.audioTracks[hls.audioTrack];
  if (sound) hls.config.audioPreference = sound;
  const loadFromS = bufferedUntil(media);
  hls.once(Hls.Events.MANIFEST_PARSED, () => {
    const level = chosen ? hls.levels.findIndex(({ height }) => height === chosen.height) : -1;
    if (level >= 0) hls.loadLevel = level;
    hls.startLoad(loadFromS, true); // true: the playhead is where it belongs
  });
  const handover = hls.transferMedia();
  const { autoStartLoad } = hls.config;
  hls.config.autoStartLoad = false; // it would start at the beginning
  hls.once(Hls.Events.LEVEL_LOADED, () => {
    hls.config.autoStartLoad = autoStartLoad;
  });
  hls.loadSource(url);
  if (handover) hls.attachMedia(handover);
  return true;
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

/** The end of what is buffered around the playhead. */
function bufferedUntil(media: HTMLMediaElement): number {
  const { buffered, currentTime } = media;
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime + 0.1 && buffered.end(i) >= currentTime) return buffered.end(i);
  }
  return currentTime;
}
