// What hls.js knows and a media element does not: the shown rendition, the bandwidth, the reasons of failures.
import { Adapter } from "./adapter";

/** The same error is reported at most this often; a failing network would fill the view with it. */
const REPEAT_ERROR_MS = 10_000;
/** hls.js moves the playhead itself to get over a hole in the buffer. */
const OWN_JUMPS = ["bufferSeekOverHole", "bufferNudgeOnStall"];
/** hls.js gives up requests that it no longer needs: nothing failed. */
const NO_FAILURE = "aborted";

interface HlsLevel {
  width: number;
  height: number;
  bitrate: number;
  attrs?: { CODECS?: string };
  videoCodec?: string;
}

/** The part of hls.js's ErrorData that is reported, and that decides whether playing can go on. */
export interface HlsErrorData {
  fatal: boolean;
  type?: string;
  details: string;
  error?: { message: string };
  response?: { code?: number };
}

/** What the tracker uses of hls.js 1.x, any build. Event names are its public strings: nothing of it is imported. */
export interface HlsLike {
  readonly levels: HlsLevel[];
  readonly bandwidthEstimate: number;
  // biome-ignore lint/suspicious/noExplicitAny: hls.js types each event's listener by its own enum
  on(event: any, listener: (...args: any[]) => void): void;
}

/** `recover` may mend a fatal error; what it mended is reported as not fatal. */
export function observeHls(hls: HlsLike, recover: (data: HlsErrorData) => boolean = () => false): HlsAdapter {
  return new HlsAdapter(hls, recover);
}

class HlsAdapter extends Adapter {
  readonly #hls: HlsLike;
  readonly #toldMs = new Map<string, number>();
  #chosenByPerson = false;

  constructor(hls: HlsLike, recover: (data: HlsErrorData) => boolean) {
    super();
    this.#hls = hls;
    hls.on("hlsLevelSwitched", (_, { level }: { level: number }) => this.#switched(hls.levels[level]));
    hls.on("hlsError", (_, data: HlsErrorData) => this.#failed(data, data.fatal && !recover(data)));
  }

  override get bandwidthBps(): number | null {
    const estimate = this.#hls.bandwidthEstimate;
    return Number.isFinite(estimate) ? Math.round(estimate) : null;
  }

  /** The next switch is a choice, not an adaptation. */
  chosenByPerson(): void {
    this.#chosenByPerson = true;
  }

  #switched(level: HlsLevel | undefined): void {
    if (!level) return;
    this.showRendition({
      width: level.width || null,
      height: level.height || null,
      bitrate_bps: level.bitrate || null,
      codec: level.attrs?.CODECS ?? level.videoCodec ?? null,
      cause: this.#chosenByPerson ? "user" : "auto",
    });
    this.#chosenByPerson = false;
  }

  #failed(data: HlsErrorData, fatal: boolean): void {
    if (data.details === NO_FAILURE && !fatal) return;
    if (OWN_JUMPS.includes(data.details)) this.jump("program");
    const nowMs = performance.now();
    const toldMs = this.#toldMs.get(data.details);
    if (!fatal && toldMs !== undefined && nowMs - toldMs < REPEAT_ERROR_MS) return;
    this.#toldMs.set(data.details, nowMs);
    this.reportError({ fatal, code: data.details, message: data.error?.message ?? null });
  }
}
