// The playback engine behind one small interface: hls.js wherever MSE exists, the browser's own HLS elsewhere.
import type { Adapter } from "./adapter";
import type { EarlyMaster } from "./early_master";
import { textsOf } from "./text_tracks";

// Starts with the module, beside React's first render: the engine is there when the video element is.
const hlsModule = hasMediaSource() ? import("./hls_engine") : null;
hlsModule?.catch(() => undefined); // reported where it is awaited

/** A server that holds the playlist longer is asked by hls.js itself, which can wait. */
const PATIENCE_MS = 5000;

export interface QualityLevel {
  index: number;
  height: number;
  bitrateBps: number;
}

/** A sound or a text that can be chosen. */
export interface TrackChoice {
  /** What `selectAudioTrack` and `selectTextTrack` take. */
  index: number;
  /** Its name as the stream gives it; may be empty. */
  label: string;
  /** BCP 47; null where the stream does not say. */
  lang: string | null;
}

export interface EngineError {
  code: string;
  message: string;
}

export interface EngineEvents {
  /** Levels, the chosen or the shown one changed. */
  onLevels(): void;
  /** Audio or text tracks, or the chosen one of them, changed. */
  onTracks?(): void;
  /** Something failed and is being mended; no more than a spinner is due. */
  onRecovering?(error: EngineError): void;
  /** Playing cannot go on. */
  onFatal(error: EngineError): void;
}

export interface Engine {
  readonly name: "hls.js" | "native";
  /** Best last; empty when the source has no choice. */
  readonly levels: QualityLevel[];
  /** Chosen level, -1 = automatic. */
  readonly selected: number;
  /** Shown level, -1 = not known yet. */
  readonly shown: number;
  /** The best level that automatic choice may take: by the player's pixels, Save-Data and dropped frames. -1 = any. */
  readonly cappedAt: number;
  select(index: number): void;
  /** Fewer than two when there is no choice. */
  readonly audioTracks: TrackChoice[];
  /** Sounding track, -1 = not known. */
  readonly audioTrack: number;
  selectAudioTrack(index: number): void;
  /** Captions and subtitles, those of the stream and those that the page put beside it. */
  readonly textTracks: TrackChoice[];
  /** Shown text, -1 = none. */
  readonly textTrack: number;
  /** -1 = none. */
  selectTextTrack(index: number): void;
  /** Estimate in bits per second; null where the engine does not say. */
  readonly bandwidthBps: number | null;
  /** Goes on with a newer master of the same video, without a visible break. False: the old one plays on. */
  switchTo(src: string): Promise<boolean>;
  /** What the tracker listens to. */
  readonly adapter: Adapter;
  destroy(): void;
}

export const AUTO_LEVEL = -1;
export const NO_TRACK = -1;

/** Attaches `src` to `media`. `startS` is where loading begins; the caller moves the playhead. */
export async function attachEngine(
  media: HTMLVideoElement,
  src: string,
  startS: number,
  events: EngineEvents,
): Promise<Engine> {
  const texts = textsOf(media);
  if (isPlaylist(src) && hlsModule) {
    const early = askFor(src);
    const hls = await hlsModule;
    if (hls.isSupported()) return hls.hlsEngine(media, src, startS, events, texts, early);
  }
  const { nativeEngine } = await import("./native_engine");
  if (!isPlaylist(src) || media.canPlayType("application/vnd.apple.mpegurl")) {
    return nativeEngine(media, src, events, texts);
  }
  events.onFatal({ code: "unsupported", message: "This browser has no Media Source Extensions." });
  return nativeEngine(media, "", events, texts);
}

function isPlaylist(src: string): boolean {
  return /\.m3u8($|[?#])/i.test(src);
}

/** The playlist travels while the engine does. Null where it cannot be had so: hls.js asks again, and has more patience. */
async function askFor(src: string): Promise<EarlyMaster | null> {
  try {
    const answer = await fetch(src, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.ok ? { url: answer.url, text: await answer.text() } : null;
  } catch {
    return null;
  }
}

/** Not on iPhones before iOS 17.1, nor on a server. */
function hasMediaSource(): boolean {
  return "MediaSource" in globalThis || "ManagedMediaSource" in globalThis;
}
