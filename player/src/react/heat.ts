// Curves over the timeline: monotone between their points, so that no dip and no peak is drawn that is not there.

/** Height of the box that paths are drawn in; its width is 100. */
export const CURVE_HEIGHT = 24;
/** A stretch belongs to the peak while it has at least this share of it, as in the metric `most_replayed`. */
const PEAK_SHARE = 0.5;

/**
 * Closed SVG path of `values` (0..1, one per equal slice of the video) in a box of 100 × CURVE_HEIGHT; empty without
 * anything above zero. Slopes after Fritsch and Carlson (1980).
 */
export function areaPath(values: readonly number[]): string {
  if (!values.some((value) => value > 0)) return "";
  return `M0 ${CURVE_HEIGHT}V${rounded(CURVE_HEIGHT * (1 - clamp(values[0])))}${curve(values)}H100V${CURVE_HEIGHT}Z`;
}

/** The same as an open line. */
export function linePath(values: readonly number[]): string {
  return values.length === 0 ? "" : `M0 ${rounded(CURVE_HEIGHT * (1 - clamp(values[0])))}${curve(values)}H100`;
}

/** From the edge to the first point, then cubic pieces from one slice's middle to the next. */
function curve(values: readonly number[]): string {
  const step = 100 / values.length;
  const heights = values.map(clamp);
  const slopes = monotoneSlopes(heights);
  let path = `H${rounded(step / 2)}`;
  for (let i = 0; i + 1 < heights.length; i++) {
    const [from, to] = [heights[i] ?? 0, heights[i + 1] ?? 0];
    const x = step * (i + 0.5);
    const [first, second] = [from + (slopes[i] ?? 0) / 3, to - (slopes[i + 1] ?? 0) / 3];
    path += `C${point(x + step / 3, first)} ${point(x + (2 * step) / 3, second)} ${point(x + step, to)}`;
  }
  return path;
}

/** Slopes per slice that keep a cubic between its ends. */
export function monotoneSlopes(values: readonly number[]): number[] {
  const rises = values.slice(1).map((value, i) => value - (values[i] ?? 0));
  return values.map((_, i) => {
    const [before, after] = [rises[i - 1], rises[i]];
    if (before === undefined || after === undefined) return 0;
    if (before * after <= 0) return 0; // a turning point is flat: it stays the highest or the lowest
    return (2 * before * after) / (before + after);
  });
}

/** Where the peak lies, as shares [from, to) of the video; null without one. */
export function peakOf(values: readonly number[]): [from: number, to: number] | null {
  const peak = Math.max(0, ...values);
  if (peak <= 0) return null;
  const at = values.indexOf(peak);
  let [from, to] = [at, at + 1];
  while (from > 0 && (values[from - 1] ?? 0) >= PEAK_SHARE * peak) from--;
  while (to < values.length && (values[to] ?? 0) >= PEAK_SHARE * peak) to++;
  return [from / values.length, to / values.length];
}

function clamp(value: number | undefined): number {
  return Math.min(1, Math.max(0, value ?? 0));
}

function point(x: number, height: number): string {
  return `${rounded(x)} ${rounded(CURVE_HEIGHT * (1 - height))}`;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
