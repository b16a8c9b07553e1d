/** The three strips as one Plotly figure: one time axis, three bands. Pure: data in, traces and layout out. */

import { clockText } from "../../src/react/format";
import { ticks } from "./timeline";
import type { MomentKind, PanelMoment, PanelStrips } from "./types";

/** Colours as the theme resolves them. */
export interface StripColours {
  ink: string;
  faint: string;
  line: string;
  retention: string;
  replay: string;
  skip: string;
  stall: string;
}

/** Space around the plot, px: the cursor and the brush need the same numbers. */
export const MARGIN = { l: 44, r: 8, t: 6, b: 26 } as const;
export const HEIGHT_PX = 280;
/** Each band's share of the height, from below. */
const BANDS = { skip: [0, 0.18], replay: [0.27, 0.45], retention: [0.54, 0.93] } as const;
/** Time labels stand clear of the lowest "0" beside them. */
const DOWN = { ticks: "outside", ticklen: 5, tickcolor: "rgba(0,0,0,0)" } as const;
const TICK_PX = 90;
const RETENTION_STEPS = [1.2, 1.5, 2, 3, 4, 5, 10, 20, 50, 100];

export interface Figure {
  data: object[];
  layout: object;
}

/** `widthPx` decides how many time ticks fit. */
export function figure(
  strips: PanelStrips,
  moments: PanelMoment[],
  durationS: number,
  widthPx: number,
  colours: StripColours,
): Figure {
  const seconds = strips.views.map((_, index) => index * strips.bin_s);
  const xs = [...seconds, durationS];
  const curve = (values: number[]) => [...values, values[values.length - 1] ?? 0];
  const top = RETENTION_STEPS.find((step) => step >= Math.max(1.05, ...strips.plays)) ?? 100;
  const band = (values: number[], axis: string, colour: string, opacity: number) => ({
    type: "scatter",
    mode: "lines",
    x: xs,
    y: curve(values),
    yaxis: axis,
    line: { shape: "hv", color: colour, width: 1.5 },
    fill: "tozeroy",
    fillcolor: withAlpha(colour, opacity),
    hoverinfo: "skip",
  });
  const plays = { ...band(strips.plays, "y", colours.retention, 0), fill: "none" };
  plays.line = { ...plays.line, width: 1, dash: "dot" } as typeof plays.line;
  const tickvals = ticks(durationS, Math.max(2, Math.floor(widthPx / TICK_PX)));
  const axis = { color: colours.faint, gridcolor: colours.line, zeroline: false, fixedrange: true, automargin: false };
  const share = (domain: readonly number[], most: number, suffix: string) => ({
    ...axis,
    domain: [...domain],
    range: [0, most],
    tickvals: [0, most],
    ticktext: ["0", suffix],
  });
  const mostReplays = peak(strips.replays);
  const mostSkips = Math.max(peak(strips.skips), 0.1);
  return {
    data: [
      band(strips.views, "y", colours.retention, 0.18),
      plays,
      band(strips.replays, "y2", colours.replay, 0.3),
      band(strips.skips, "y3", colours.skip, 0.3),
    ],
    layout: {
      height: HEIGHT_PX,
      margin: { ...MARGIN, pad: 0 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: colours.ink, size: 12, family: "inherit" },
      showlegend: false,
      dragmode: false,
      hovermode: false,
      xaxis: {
        ...axis,
        range: [0, durationS],
        tickvals,
        ticktext: tickvals.map(clockText),
        showgrid: false,
        anchor: "y3",
        ...DOWN,
      },
      yaxis: {
        ...axis,
        domain: [...BANDS.retention],
        range: [0, top],
        tickvals: [0, 0.5, 1],
        ticktext: ["0", "50\u202f%", "100\u202f%"],
      },
      yaxis2: share(BANDS.replay, mostReplays > 0 ? mostReplays : 1, mostReplays > 0 ? mostReplays.toFixed(1) : ""),
      yaxis3: share(BANDS.skip, mostSkips, `${(100 * mostSkips).toFixed(0)}\u202f%`),
      annotations: [
        label("Retention · share of views, dotted: plays per view", BANDS.retention[1], colours.retention),
        label("Replays per view", BANDS.replay[1], colours.replay),
        label("Skips · share of those who get there", BANDS.skip[1], colours.skip),
      ],
      shapes: moments.map((moment) => shade(moment, colours)),
    },
  };
}

function label(text: string, top: number, colour: string): object {
  return {
    text,
    xref: "paper",
    yref: "paper",
    x: 1,
    y: top,
    xanchor: "right",
    yanchor: "bottom",
    yshift: -2,
    showarrow: false,
    font: { size: 12, color: colour },
  };
}

function shade(moment: PanelMoment, colours: StripColours): object {
  const bands: Record<MomentKind, readonly [number, number]> = {
    skip: BANDS.skip,
    replay: BANDS.replay,
    stall: BANDS.retention,
  };
  const [y0, y1] = bands[moment.kind];
  const fillcolor = withAlpha(colours[moment.kind], 0.14);
  return {
    type: "rect",
    layer: "below",
    xref: "x",
    yref: "paper",
    x0: moment.from_s,
    x1: moment.to_s,
    y0,
    y1,
    fillcolor,
    line: { width: 0 },
  };
}

function peak(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** `rgb(1, 2, 3)` with an opacity. */
export function withAlpha(colour: string, alpha: number): string {
  const parts = colour.match(/[\d.]+/g)?.slice(0, 3);
  return parts ? `rgba(${parts.join(",")},${alpha})` : colour;
}
