export type { CaptionTrack, PlayerHandle, Tracking, ViewBoxPlayerProps } from "./types";
export { ViewBoxPlayer } from "./ViewBoxPlayer";
