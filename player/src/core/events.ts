// Names for what data/schema/events.v1.json says; the shapes themselves are generated.
import type { Heartbeat, Interval, RenditionChange, Seek, Stall, ViewBoxMessage, ViewEnd } from "./event_types";

export type Message = ViewBoxMessage;
export type ViewEvent = Message["events"][number];
export type Context = NonNullable<Message["context"]>;
export type ViewerKind = Message["viewer_kind"];
export type JumpCause = NonNullable<Seek["cause"]>;
export type StallCause = NonNullable<Stall["cause"]>;
export type Mode = NonNullable<Interval["mode"]>;
export type EndReason = ViewEnd["reason"];
export type Rendition = Pick<RenditionChange, "width" | "height" | "bitrate_bps" | "codec" | "cause">;
export type Health = Pick<Heartbeat, "buffer_s" | "dropped_frames" | "total_frames" | "bandwidth_bps">;

type WithoutStamp<E> = E extends ViewEvent ? Omit<E, "seq" | "t_ms"> : never;
/** An event before the recorder gives it its `seq` and `t_ms`. */
export type EventBody = WithoutStamp<ViewEvent>;

/** One playback attempt: what every message about it repeats. */
export interface View {
  viewId: string;
  videoId: string;
  viewerId: string;
  viewerKind: ViewerKind;
  sessionId: string;
  startedAtMs: number;
  context: Context;
}

export const SCHEMA_VERSION = 1;
/** Bounds of the contract; the server refuses what is above them. */
export const MAX_EVENTS_PER_MESSAGE = 200;
export const MAX_MESSAGE_BYTES = 64 * 1024;
export const MAX_TEXT = 256;
