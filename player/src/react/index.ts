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
export { ViewBoxPlayer } from "./ViewBoxPlayer";
