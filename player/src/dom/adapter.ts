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
export interface Adapter {
  readonly bandwidthBps: number | null;
  connect(sink: AdapterSink): void;
  disconnect(): void;
}
