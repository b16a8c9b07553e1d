// The chosen look of captions as custom properties, which `video::cue` reads: the browser draws the text itself, so it
// is there in picture in picture and on a phone's own full screen too.
import type { CSSProperties } from "react";
import type { CaptionStyle } from "./preferences";

const SIZES = { small: "75%", medium: "100%", large: "150%", huge: "200%" };
const COLOURS = { white: "#fff", yellow: "#ffe14d", cyan: "#7ff3ff", black: "#000" };
const BACKGROUNDS = { solid: "#000", half: "rgb(12 13 16 / 0.78)", none: "transparent", white: "#fff" };
const EDGES = {
  none: "none",
  outline: "-1px -1px 1px #000, 1px -1px 1px #000, -1px 1px 1px #000, 1px 1px 1px #000",
  shadow: "1px 2px 3px #000",
};

export function captionProperties({ size, colour, background, edge }: CaptionStyle): CSSProperties {
  // Storage may hold anything: what is not on the list counts as not given.
  return {
    "--vb-cue-size": SIZES[size] ?? SIZES.medium,
    "--vb-cue-colour": COLOURS[colour] ?? COLOURS.white,
    "--vb-cue-background": BACKGROUNDS[background] ?? BACKGROUNDS.half,
    "--vb-cue-edge": EDGES[edge] ?? EDGES.none,
  } as CSSProperties;
}
