// How ViewBox runs hls.js: what it loads, how much of it, and how it waits for a server that is busy.
import Hls, {
  type CapLevelController,
  type HlsConfig,
  type LoadPolicy,
  type RetryConfig,
  type XhrLoader,
} from "hls.js";
import { retryAfterMs } from "./retry_after";

/** People who ask to save data get no more than this, until they choose otherwise. */
const SAVE_DATA_HEIGHT = 480;
/** A segment that is still being encoded is asked for this often; what takes longer does not come. */
const MOST_WAITS = 20;
const BUSY = [429, 503];

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

const DefaultLoader = Hls.DefaultConfig.loader as unknown as typeof XhrLoader;

/** Asks a busy server again when it said, and tells hls.js nothing of it: that would switch the level. */
export class PatientLoader extends DefaultLoader {
  #waits = 0;

  override load(...[context, config, callbacks]: Parameters<XhrLoader["load"]>): void {
    super.load(context, config, {
      ...callbacks,
      onError: (...failure) => {
        const waitMs = this.#askedToWaitMs();
        if (waitMs === null) callbacks.onError(...failure);
        else this.#retryIn(waitMs);
      },
    });
  }

  /** hls.js's own retries, of playlists. */
  protected override retry(config: RetryConfig): void {
    const waitMs = this.#askedToWaitMs();
    if (waitMs === null) super.retry(config);
    else this.#retryIn(waitMs);
  }

  protected override loadInternal(): void {
    if (this.#waits > 0) this.stats.loading.start = performance.now(); // the wait says nothing about the bandwidth
    super.loadInternal();
  }

  #retryIn(waitMs: number): void {
    this.#waits += 1;
    super.retry({ maxNumRetry: MOST_WAITS, retryDelayMs: waitMs, maxRetryDelayMs: waitMs, backoff: "linear" });
  }

  /** null: nobody asked, or it was obeyed often enough. */
  #askedToWaitMs(): number | null {
    const answer = this.getNetworkDetails() as XMLHttpRequest | null;
    if (!answer || !BUSY.includes(answer.status) || this.#waits >= MOST_WAITS) return null;
    return retryAfterMs(answer.getResponseHeader("Retry-After"), Date.now());
  }
}

const DefaultCap = Hls.DefaultConfig.capLevelController as typeof CapLevelController;

/** Caps by the player's pixels, as hls.js does, and by the person's wish to save data. */
class ThriftyCap extends DefaultCap {
  readonly #hls: Hls;

  constructor(hls: Hls) {
    super(hls);
    this.#hls = hls;
  }

  /** hls.js waits for its first ResizeObserver call, and may have asked for a segment before it comes. */
  protected override onManifestParsed(...parsed: Parameters<CapLevelController["onManifestParsed"]>): void {
    super.onManifestParsed(...parsed);
    this.detectPlayerSize();
  }

  override getMaxLevel(capLevelIndex: number): number {
    const most = savesData() ? highestLevelUpTo(this.#hls.levels, SAVE_DATA_HEIGHT) : capLevelIndex;
    return super.getMaxLevel(Math.min(capLevelIndex, most));
  }
}

export const HLS_CONFIG: Partial<HlsConfig> = {
  enableWorker: false, // fMP4 passes through untouched: a worker gains nothing, and its blob: URL needs a weaker CSP
  capLevelToPlayerSize: true, // pixels that nobody sees are somebody's data plan
  capLevelController: ThriftyCap,
  maxBufferLength: 30, // enough for a tunnel; what is loaded beyond may never be watched
  maxMaxBufferLength: 30,
  backBufferLength: 60,
  // The first guess, before anything was measured: most lines carry it, and half a megabit opens every video in 234p.
  abrEwmaDefaultEstimate: 2_000_000,
  fragLoadPolicy: FRAGMENT_POLICY,
  loader: PatientLoader as unknown as HlsConfig["loader"],
};

function savesData(): boolean {
  const connection = (navigator as { connection?: { saveData?: boolean } }).connection;
  return connection?.saveData === true;
}

function highestLevelUpTo(levels: { height: number }[], height: number): number {
  const index = levels.findLastIndex((level) => level.height <= height);
  return Math.max(0, index);
}
