/** What the dashboard hands to the panel. Names are Python's: the data comes as it is from dashboard/player_component. */

export interface PanelVideo {
  id: string;
  title: string;
  /** URLs at the API's origin; `hls` is null while there is nothing to play. */
  hls: string | null;
  poster: string | null;
  storyboard: string | null;
  chapters: string | null;
  duration_s: number;
  /** Why there is no player: shown in its place. */
  notice: string | null;
}

/** Curves over the video's length; point i stands for [i, i + 1) · bin_s. Shares are 0..1, `plays` may exceed 1. */
export interface PanelStrips {
  bin_s: number;
  /** Share of views that passed a slice. */
  views: number[];
  /** Passes of a slice per view. */
  plays: number[];
  /** Extra passes per view, smoothed. */
  replays: number[];
  /** Share of those who reached a slice and jumped over it. */
  skips: number[];
}

export type MomentKind = "skip" | "replay" | "stall";

/** A stretch worth looking at: [from_s, to_s), with the sentence that says why. */
export interface PanelMoment {
  kind: MomentKind;
  from_s: number;
  to_s: number;
  sentence: string;
}

export interface PanelData {
  video: PanelVideo;
  strips: PanelStrips | null;
  moments: PanelMoment[];
  /** Why there are no strips, where that needs a word. */
  empty: string | null;
  /** How many views the strips are made of, and how points were put together. */
  caption: string | null;
}

/** A brushed stretch, half-open. */
export interface PanelSelection {
  from_s: number;
  to_s: number;
}

export interface PanelHost {
  /** The one thing that Python hears of: a selection made, changed or dropped. */
  onSelect(selection: PanelSelection | null): void;
}
