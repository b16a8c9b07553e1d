export type { Context, EndReason, JumpCause, ViewEvent } from "../core/events";
export { Adapter } from "./adapter";
export { observeHls } from "./hls_adapter";
export type { Attached, AttachOptions, Tracker, TrackerOptions } from "./tracker";
export { createTracker } from "./tracker";
