import { cut } from "../core/context";
import type { JumpCause, Rendition } from "../core/events";

export interface PlaybackError {
  fatal: boolean;
  code: string | null;
  message: string | null;
}

export interface AdapterSink {
  rendition(rendition: Rendition): void;
  error(error: PlaybackError): void;
  /** The next jump of the playhead is not the person's. */
  jump(cause: JumpCause): void;
}

/** Hands an engine's facts to whichever tracker listens, the last rendition also to one that comes late. */
export class Adapter {
  #sink: AdapterSink | null = null;
  #rendition: Rendition | null = null;

  get bandwidthBps(): number | null {
    return null;
  }

  connect(sink: AdapterSink): void {
    this.#sink = sink;
    if (this.#rendition) sink.rendition(this.#rendition);
  }

  disconnect(): void {
    this.#sink = null;
  }

  protected showRendition(rendition: Rendition): void {
    this.#rendition = rendition;
    this.#sink?.rendition(rendition);
  }

  protected reportError(error: PlaybackError): void {
    this.#sink?.error({ ...error, message: cut(error.message) });
  }

  protected jump(cause: JumpCause): void {
    this.#sink?.jump(cause);
  }
}
