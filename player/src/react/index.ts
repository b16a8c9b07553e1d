export type { SkipKind, SkipSection } from "./skip";
export type {
  CaptionTrack,
  LiveFacts,
  NextVideo,
  PlayerHandle,
  Preparing,
  Tracking,
  ViewBoxPlayerProps,
} from "./types";
export { type Live, useLive } from "./useLive";
export { ViewBoxPlayer } from "./ViewBoxPlayer";
