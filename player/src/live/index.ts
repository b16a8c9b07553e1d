export { type LiveClient, type LiveHandlers, liveUrl, openLive } from "./client";
export type { LiveMessage, LiveRendition, LiveStatus, Master, Now, Progress } from "./messages";
