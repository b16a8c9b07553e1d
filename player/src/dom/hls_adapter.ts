// What hls.js knows and a media element does not: the shown rendition, the bandwidth, the reasons of failures.
import type { Rendition } from "../core/events";
import type { Adapter, AdapterSink } from "./adapter";

/** The same error is reported at most this often; a failing network would fill the view with it. */
const REPEAT_ERROR_MS = 10_000;
/** hls.js moves the playhead itself to get over a hole in the buffer. */
const OWN_JUMPS = /^buffer(SeekOverHole|NudgeOnStall)$/;
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
  readonly currentLevel: number;
  readonly bandwidthEstimate: number;
  // biome-ignore lint/suspicious/noExplicitAny: hls.js types each event's listener by its own enum
  on(event: any, listener: (...args: any[]) => void): void;
}

export interface HlsAdapter extends Adapter {
  /** The next switch is a choice, not an adaptation. */
  chosenByPerson(): void;
}

/**
 * `recover` may mend a fatal error; what it mended is reported as not fatal. `earlier` are errors of the time before
 * anybody listened.
 */
export function observeHls(
  hls: HlsLike,
  recover: (data: HlsErrorData) => boolean = () => false,
  earlier: HlsErrorData[] = [],
): HlsAdapter {
  let sink: AdapterSink | null = null;
  let rendition: Rendition | null = null;
  let byPerson = false;
  const toldMs = new Map<string, number>();

  function switched(index: number): void {
    const level = hls.levels[index];
    if (!level) return;
    rendition = {
      width: level.width || null,
      height: level.height || null,
      bitrate_bps: level.bitrate || null,
      codec: level.attrs?.CODECS ?? level.videoCodec ?? null,
      cause: byPerson ? "user" : "auto",
    };
    byPerson = false;
    sink?.rendition(rendition);
  }

  function failed(data: HlsErrorData): void {
    const code = data.details;
    const fatal = data.fatal && !recover(data);
    if (code === NO_FAILURE && !fatal) return;
    if (OWN_JUMPS.test(code)) sink?.jump("program");
    const nowMs = performance.now();
    if (!fatal && nowMs - (toldMs.get(code) ?? -REPEAT_ERROR_MS) < REPEAT_ERROR_MS) return;
    toldMs.set(code, nowMs);
    sink?.error({ fatal, code, message: data.error?.message ?? null });
  }

  hls.on("hlsLevelSwitched", (_, { level }: { level: number }) => switched(level));
  hls.on("hlsError", (_, data: HlsErrorData) => failed(data));
  switched(hls.currentLevel);

  return {
    get bandwidthBps() {
      return Math.round(hls.bandwidthEstimate) || null;
    },
    connect(to) {
      sink = to;
      if (rendition) to.rendition(rendition);
      for (const data of earlier.splice(0)) failed(data);
    },
    disconnect() {
      sink = null;
    },
    chosenByPerson() {
      byPerson = true;
    },
  };
}
