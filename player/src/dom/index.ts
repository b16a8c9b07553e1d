import { createTracker as create, type Tracker, type TrackerOptions } from "./tracker";

export type { Context, EndReason, JumpCause, View, ViewEvent } from "../core/events";
export type { Adapter, AdapterSink, PlaybackError } from "./adapter";
export type { HlsLike } from "./hls_adapter";
export type { Attached, AttachOptions, Tracker, TrackerOptions } from "./tracker";

/** For any media element: knows hls.js, and what a browser plays by itself. */
export function createTracker(options: TrackerOptions): Tracker {
  return create(options, () => import("./sender"));
}
