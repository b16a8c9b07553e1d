export type { Context, EndReason, JumpCause, View, ViewEvent } from "../core/events";
export type { Adapter, AdapterSink, PlaybackError } from "./adapter";
export type { HlsLike } from "./hls_adapter";
export type { Attached, AttachOptions, Tracker, TrackerOptions } from "./tracker";
export { createTracker } from "./tracker";
