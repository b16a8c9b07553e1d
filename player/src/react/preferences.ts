// What a person chose for every video: functional storage on this device, written by a choice and by nothing else.
import { readObject, writeStored } from "./storage";

const KEY = "viewbox.player";

export interface CaptionStyle {
  size: "small" | "medium" | "large" | "huge";
  colour: "white" | "yellow" | "cyan" | "black";
  background: "solid" | "half" | "none" | "white";
  edge: "none" | "outline" | "shadow";
}

export const CAPTION_STYLE: CaptionStyle = { size: "medium", colour: "white", background: "half", edge: "none" };

export interface Preferences {
  volume: number;
  muted: boolean;
  /** Language of the captions that were shown last, and whether they are wanted. */
  captions: string;
  captionsOn: boolean;
  /** Language of the sound. */
  audio: string;
  captionStyle: CaptionStyle;
}

/** What was chosen; what was not is absent, and what cannot be right is as if it were. */
export function preferences(): Partial<Preferences> {
  const { volume, muted, captions, captionsOn, audio, captionStyle } = readObject<unknown>(KEY);
  return {
    ...(typeof volume === "number" && volume >= 0 && volume <= 1 && { volume }),
    ...(typeof muted === "boolean" && { muted }),
    ...(typeof captions === "string" && { captions }),
    ...(typeof captionsOn === "boolean" && { captionsOn }),
    ...(typeof audio === "string" && { audio }),
    ...(typeof captionStyle === "object" && { captionStyle: { ...CAPTION_STYLE, ...captionStyle } }),
  };
}

export function prefer(chosen: Partial<Preferences>): void {
  writeStored(KEY, JSON.stringify({ ...preferences(), ...chosen }));
}
