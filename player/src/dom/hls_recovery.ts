// What is tried before a person is told that playing cannot go on.
import type { HlsErrorData } from "./hls_adapter";

/** Trouble this long after the last is new trouble. */
const CALM_MS = 60_000;
/** Pauses before loading is started again; after the last one nothing more is tried. */
const RESTART_MS = [1000, 3000, 9000];

/** The part of hls.js that mends. */
export interface Mendable {
  readonly levels: unknown[];
  recoverMediaError(): void;
  swapAudioCodec(): void;
  loadSource(url: string): void;
  startLoad(startPosition?: number): void;
}

/** `online` tells the state of the line; the browser's own where the test does not say. */
export interface Line {
  readonly onLine: boolean;
}

export class HlsRecovery {
  readonly #hls: Mendable;
  readonly #src: string;
  readonly #signal: AbortSignal;
  readonly #line: Line;
  readonly #attempts = { media: new Attempts(), network: new Attempts() };

  /** Nothing is started again once `signal` has aborted. */
  constructor(hls: Mendable, src: string, signal: AbortSignal, line: Line = navigator) {
    this.#hls = hls;
    this.#src = src;
    this.#signal = signal;
    this.#line = line;
  }

  /** Whether a fatal error is being mended. If not, playing has ended. */
  mend(error: HlsErrorData): boolean {
    if (error.type === "mediaError") return this.#mendMedia();
    if (error.type === "networkError") return this.#mendNetwork(error.response?.code ?? 0);
    return false;
  }

  /** A decoder that stumbled usually goes on after a flush; if not, the stream may lie about its audio codec. */
  #mendMedia(): boolean {
    const attempt = this.#attempts.media.next(performance.now());
    if (attempt > 1) return false;
    if (attempt === 1) this.#hls.swapAudioCodec();
    this.#hls.recoverMediaError();
    return true;
  }

  #mendNetwork(status: number): boolean {
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) return false; // asking again changes nothing
    if (!this.#line.onLine) {
      addEventListener("online", () => this.#restart(), { once: true, signal: this.#signal });
      return true;
    }
    const waitMs = RESTART_MS[this.#attempts.network.next(performance.now())];
    if (waitMs === undefined) return false;
    const timer = setTimeout(() => this.#restart(), waitMs);
    this.#signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    return true;
  }

  #restart(): void {
    if (this.#hls.levels.length === 0) this.#hls.loadSource(this.#src);
    else this.#hls.startLoad();
  }
}

/** Counts from zero again after a calm time. */
class Attempts {
  #count = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  next(nowMs: number): number {
    if (nowMs - this.#lastMs > CALM_MS) this.#count = 0;
    this.#lastMs = nowMs;
    return this.#count++;
  }
}
