// hls.js as an engine. One lazy chunk with hls.js itself: nothing of it is loaded before it is wanted.
import Hls, { type HlsConfig } from "hls.js";
import { type EarlyMaster, loaderWith } from "./early_master";
import type { Engine, EngineEvents } from "./engine";
import { observeHls } from "./hls_adapter";
import { HLS_CONFIG, PatientLoader } from "./hls_config";
import { HlsRecovery } from "./hls_recovery";
import { MasterSwitch } from "./master_switch";
import type { Texts } from "./text_tracks";

/** Media Source Extensions are there, and they play H.264. */
export function isSupported(): boolean {
  return Hls.isSupported();
}

/** As `attachEngine`, for playlists. `early`: the master, if it could be had by now; null sends hls.js for it. */
export function hlsEngine(
  media: HTMLVideoElement,
  src: string,
  startS: number,
  events: EngineEvents,
  texts: Texts,
  early: Promise<EarlyMaster | null>,
): Engine {
  const pLoader = loaderWith(PatientLoader, src, early) as unknown as HlsConfig["pLoader"];
  const hls = new Hls({ ...HLS_CONFIG, pLoader, startPosition: startS > 0 ? startS : -1 });
  const life = new AbortController();
  const recovery = new HlsRecovery(hls, src, life.signal);
  const adapter = observeHls(hls, (data) => {
    const error = { code: data.details, message: data.error?.message ?? data.details };
    const mends = recovery.mend(data);
    if (mends) events.onRecovering?.(error);
    else events.onFatal(error);
    return mends;
  });
  const masters = new MasterSwitch(hls, life.signal);
  const levels = () => events.onLevels();
  const tracks = () => events.onTracks?.();
  hls.on(Hls.Events.MANIFEST_PARSED, levels);
  hls.on(Hls.Events.LEVEL_SWITCHED, levels);
  hls.on(Hls.Events.LEVELS_UPDATED, levels);
  hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, tracks);
  hls.on(Hls.Events.AUDIO_TRACK_SWITCHED, tracks);
  texts.watch(tracks, life.signal);
  keepPlaying(hls, media, life.signal);
  hls.loadSource(src);
  hls.attachMedia(media);
  return {
    name: "hls.js",
    get levels() {
      return hls.levels.map((level, index) => ({ index, height: level.height, bitrateBps: level.bitrate }));
    },
    get selected() {
      return hls.manualLevel;
    },
    get shown() {
      return hls.currentLevel;
    },
    get cappedAt() {
      return hls.autoLevelCapping;
    },
    select(index) {
      adapter.chosenByPerson();
      hls.nextLevel = index; // at the next segment boundary: no black frame
      events.onLevels();
    },
    get audioTracks() {
      return hls.audioTracks.map(({ name, lang }, index) => ({ index, label: name, lang: lang ?? null }));
    },
    get audioTrack() {
      return hls.audioTrack;
    },
    selectAudioTrack(index) {
      hls.audioTrack = index;
      events.onTracks?.();
    },
    get textTracks() {
      return texts.choices();
    },
    get textTrack() {
      return texts.shown();
    },
    selectTextTrack: texts.select,
    get bandwidthBps() {
      return adapter.bandwidthBps;
    },
    switchTo: (newer) => masters.to(newer),
    adapter,
    destroy() {
      life.abort();
      hls.destroy();
    },
  };
}

/** hls.js gives the element a new source to get over an error; the browser then forgets that it played, and how fast. */
function keepPlaying(hls: Hls, media: HTMLVideoElement, signal: AbortSignal): void {
  let plays = !media.paused;
  const on = (type: string, act: () => void) => media.addEventListener(type, act, { signal });
  on("play", () => {
    plays = true;
  });
  on("pause", () => {
    plays = false; // a new source pauses without saying so
  });
  on("ratechange", () => {
    if (media.defaultPlaybackRate !== media.playbackRate) media.defaultPlaybackRate = media.playbackRate;
  });
  hls.on(Hls.Events.MEDIA_ATTACHED, () => {
    if (plays && media.paused) media.play().catch(() => undefined); // refused: the person sees the button again
  });
}
