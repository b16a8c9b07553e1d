// Names for what data/schema/events.v1.json says; the shapes themselves are generated.
import type { Heartbeat, Interval, RenditionChange, Seek, Stall, ViewBoxMessage, ViewEnd } from "./event_types";

export type Message = ViewBoxMessage;
export type ViewEvent = Message["events"][number];
export type EventType = ViewEvent["type"];
export type Context = NonNullable<Message["context"]>;
export type ViewerKind = Message["viewer_kind"];
export type JumpCause = NonNullable<Seek["cause"]>;
export type StallCause = NonNullable<Stall["cause"]>;
export type Mode = NonNullable<Interval["mode"]>;
export type EndReason = ViewEnd["reason"];
export type Rendition = Pick<RenditionChange, "width" | "height" | "bitrate_bps" | "codec" | "cause">;
export type Health = Pick<Heartbeat, "buffer_s" | "dropped_frames" | "total_frames" | "bandwidth_bps">;

/** What an event says beside what every event says. */
export type FieldsOf<Type extends EventType> = Omit<
  Extract<ViewEvent, { type: Type }>,
  "type" | "seq" | "t_ms" | "position_s"
>;

/** One playback attempt: what every message about it repeats, as it travels. */
export interface View extends Omit<Message, "events" | "sent_at_ms"> {
  context: Context;
}

export const SCHEMA_VERSION = 1;
/** Bounds of the contract; the server refuses what is above them. */
export const MAX_EVENTS_PER_MESSAGE = 200;
export const MAX_TEXT = 256;
export const MAX_PAIRS = 10;
