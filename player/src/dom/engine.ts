// The playback engine behind one small interface: hls.js wherever MSE exists, the browser's own HLS elsewhere.
import type HlsJs from "hls.js";
import type { HlsConfig, LoadPolicy } from "hls.js";
import type { Adapter } from "./adapter";
import { observeHls } from "./hls_adapter";
import { observeNative } from "./native_adapter";

// Starts with the module, beside React's first render: the engine is there when the video element is.
const hlsModule = import("hls.js");
hlsModule.catch(() => undefined); // reported where it is awaited

export interface QualityLevel {
  index: number;
  height: number;
  bitrateBps: number;
}

export interface EngineError {
  code: string;
  message: string;
}

export interface EngineEvents {
  /** Levels, the chosen or the shown one changed. */
  onLevels(): void;
  /** Playing cannot go on. */
  onFatal(error: EngineError): void;
}

export interface Engine {
  /** Best last; empty when the source has no choice. */
  readonly levels: QualityLevel[];
  /** Chosen level, -1 = automatic. */
  readonly selected: number;
  /** Shown level, -1 = not known yet. */
  readonly shown: number;
  select(index: number): void;
  /** What the tracker listens to. */
  readonly adapter: Adapter;
  destroy(): void;
}

export const AUTO_LEVEL = -1;
/** People who ask to save data get no more than this, until they choose otherwise. */
const SAVE_DATA_HEIGHT = 480;

// The server holds a segment that is still being encoded for up to 8 s, then answers 503. Switching the rendition
// would only ask for another one that does not exist either, so the same segment is asked for again.
const FRAGMENT_POLICY: LoadPolicy = {
  default: {
    maxTimeToFirstByteMs: 12_000, // above the server's 8 s, below a person's patience
    maxLoadTimeMs: 120_000,
    timeoutRetry: { maxNumRetry: 4, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: 12, retryDelayMs: 1000, maxRetryDelayMs: 8000, backoff: "linear" },
  },
};

const CONFIG: Partial<HlsConfig> = {
  enableWorker: false, // fMP4 passes through untouched: a worker gains nothing, and its blob: URL needs a weaker CSP
  capLevelToPlayerSize: true, // pixels that nobody sees are somebody's data plan
  maxBufferLength: 30, // enough for a tunnel; what is loaded beyond may never be watched
  maxMaxBufferLength: 30,
  backBufferLength: 60,
  // The first guess, before anything was measured: most lines carry it, and half a megabit opens every video in 234p.
  abrEwmaDefaultEstimate: 2_000_000,
  fragLoadPolicy: FRAGMENT_POLICY,
};

/** Attaches `src` to `media`. `startS` is where loading begins; the caller moves the playhead. */
export async function attachEngine(
  media: HTMLVideoElement,
  src: string,
  startS: number,
  events: EngineEvents,
): Promise<Engine> {
  if (!isPlaylist(src)) return nativeEngine(media, src, events);
  const { default: Hls } = await hlsModule;
  if (Hls.isSupported()) return hlsEngine(Hls, media, src, startS, events);
  if (media.canPlayType("application/vnd.apple.mpegurl")) return nativeEngine(media, src, events);
  events.onFatal({ code: "unsupported", message: "This browser has no Media Source Extensions." });
  return nativeEngine(media, "", events);
}

function isPlaylist(src: string): boolean {
  return /\.m3u8($|[?#])/i.test(src);
}

function hlsEngine(
  Hls: typeof HlsJs,
  media: HTMLVideoElement,
  src: string,
  startS: number,
  events: EngineEvents,
): Engine {
  const hls = new Hls({ ...CONFIG, startPosition: startS > 0 ? startS : -1 });
  let mediaRecoveries = 0;
  const adapter = observeHls(hls, (data) => {
    const mends = (data as { type?: string }).type === Hls.ErrorTypes.MEDIA_ERROR && mediaRecoveries++ < 2;
    if (mends)
      hls.recoverMediaError(); // a decoder that stumbled once usually goes on after a flush
    else events.onFatal({ code: data.details, message: data.error?.message ?? data.details });
    return mends;
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    if (savesData()) hls.autoLevelCapping = highestLevelUpTo(hls.levels, SAVE_DATA_HEIGHT);
    events.onLevels();
  });
  hls.on(Hls.Events.LEVEL_SWITCHED, () => events.onLevels());
  hls.loadSource(src);
  hls.attachMedia(media);
  return {
    get levels() {
      return hls.levels.map((level, index) => ({ index, height: level.height, bitrateBps: level.bitrate }));
    },
    get selected() {
      return hls.autoLevelEnabled ? AUTO_LEVEL : hls.nextLevel;
    },
    get shown() {
      return hls.currentLevel;
    },
    select(index) {
      adapter.chosenByPerson();
      hls.nextLevel = index; // at the next segment boundary: no black frame
      events.onLevels();
    },
    adapter,
    destroy: () => hls.destroy(),
  };
}

function nativeEngine(media: HTMLVideoElement, src: string, events: EngineEvents): Engine {
  const onError = () =>
    events.onFatal({ code: `media_error_${media.error?.code ?? 0}`, message: media.error?.message ?? "" });
  media.addEventListener("error", onError);
  if (src) media.src = src;
  return {
    levels: [],
    selected: AUTO_LEVEL,
    shown: -1,
    select: () => undefined,
    adapter: observeNative(media),
    destroy() {
      media.removeEventListener("error", onError);
      media.removeAttribute("src");
      media.load();
    },
  };
}

function savesData(): boolean {
  const connection = (navigator as { connection?: { saveData?: boolean } }).connection;
  return connection?.saveData === true;
}

function highestLevelUpTo(levels: { height: number }[], height: number): number {
  const index = levels.findLastIndex((level) => level.height <= height);
  return Math.max(0, index);
}
