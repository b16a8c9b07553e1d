import Plotly from "plotly.js-basic-dist-min";
import type { KeyboardEvent, PointerEvent } from "react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { clockText } from "../../src/react/format";
import type { StripColours } from "./figure";
import { figure, HEIGHT_PX, MARGIN } from "./figure";
import { BRUSH_MIN_PX, factsAt, fractionAt, keyStepS, secondsAt, selectionBetween } from "./timeline";
import type { PanelMoment, PanelSelection, PanelStrips } from "./types";

/** Room for the title above the curves of a saved picture. */
const PICTURE_TITLE_PX = 40;

interface StripsProps {
  /** Of the video: stands above the curves of a saved picture. */
  title: string;
  strips: PanelStrips;
  moments: PanelMoment[];
  durationS: number;
  theme: string;
  selection: PanelSelection | null;
  /** Calls back with every new playhead; returns the way to stop. */
  subscribe: (listener: (positionS: number) => void) => () => void;
  onSeek: (toS: number) => void;
  onSelect: (selection: PanelSelection | null) => void;
}

/** The curves, and over them one surface that seeks on a click, brushes on a drag and follows the playhead. */
export function Strips(props: StripsProps) {
  const { title, strips, moments, durationS, theme, selection, subscribe, onSeek, onSelect } = props;
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<HTMLDivElement>(null);
  const cursor = useRef<HTMLDivElement>(null);
  const playheadS = useRef(0);
  const dragFromS = useRef<{ s: number; xPx: number } | null>(null);
  const [widthPx, setWidthPx] = useState(0);
  const [pointedS, setPointedS] = useState<number | null>(null);
  const [draft, setDraft] = useState<PanelSelection | null>(null);
  const [keyedS, setKeyedS] = useState(0);

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidthPx(element.clientWidth));
    observer.observe(element);
    setWidthPx(element.clientWidth);
    return () => observer.disconnect();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` is read through the styles of the frame
  useEffect(() => {
    const node = plot.current;
    if (!node || !frame.current || widthPx === 0) return;
    const { data, layout } = figure(strips, moments, durationS, widthPx, coloursOf(frame.current));
    void Plotly.react(node, data, { ...layout, width: widthPx }, { displayModeBar: false, staticPlot: true });
  }, [strips, moments, durationS, widthPx, theme]);

  useEffect(() => {
    const node = plot.current;
    return () => {
      if (node) Plotly.purge(node);
    };
  }, []);

  useEffect(
    () =>
      subscribe((positionS) => {
        playheadS.current = positionS;
        const line = cursor.current;
        if (line) line.style.left = `${100 * fractionAt(positionS, durationS)}%`;
      }),
    [subscribe, durationS],
  );

  const at = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return secondsAt(event.clientX - box.left, box.width, durationS);
  };
  const down = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    dragFromS.current = { s: at(event), xPx: event.clientX };
  };
  const move = (event: PointerEvent<HTMLElement>) => {
    const nowS = at(event);
    setPointedS(nowS);
    const start = dragFromS.current;
    if (start && Math.abs(event.clientX - start.xPx) >= BRUSH_MIN_PX) {
      setDraft(selectionBetween(start.s, nowS, durationS));
    }
  };
  const up = (event: PointerEvent<HTMLElement>) => {
    const start = dragFromS.current;
    dragFromS.current = null;
    if (!start) return;
    if (Math.abs(event.clientX - start.xPx) >= BRUSH_MIN_PX) onSelect(selectionBetween(start.s, at(event), durationS));
    else onSeek(start.s);
    setDraft(null);
  };
  const press = (event: KeyboardEvent) => {
    const stepS = keyStepS(durationS);
    const target = { ArrowLeft: -stepS, ArrowRight: stepS }[event.key];
    if (event.key === "Escape") onSelect(null);
    if (target === undefined) return;
    event.preventDefault();
    const toS = Math.min(durationS, Math.max(0, playheadS.current + target));
    if (event.shiftKey) onSelect(selectionBetween(selection?.from_s ?? playheadS.current, toS, durationS));
    playheadS.current = toS;
    setKeyedS(toS);
    onSeek(toS);
  };

  const save = () => {
    const element = frame.current;
    if (!element || widthPx === 0) return;
    const { data, layout } = figure(strips, moments, durationS, widthPx, coloursOf(element));
    const ground = { paper_bgcolor: coloursOf(element).ground, title: { text: title, x: 0, font: { size: 14 } } };
    void Plotly.downloadImage(
      { data, layout: { ...layout, ...ground, margin: { ...MARGIN, t: PICTURE_TITLE_PX } } },
      { format: "png", filename: "retention", width: widthPx, height: HEIGHT_PX + PICTURE_TITLE_PX, scale: 2 },
    );
  };

  const shown = draft ?? selection;
  return (
    <div className="vb-strips" ref={frame} style={{ height: HEIGHT_PX }}>
      <div className="vb-strips-plot" ref={plot} aria-hidden="true" />
      <div
        className="vb-strips-surface"
        style={{ left: MARGIN.l, right: MARGIN.r, top: MARGIN.t, bottom: MARGIN.b }}
        role="slider"
        tabIndex={0}
        aria-label="Timeline: arrow keys seek, with Shift they select, Escape drops the selection"
        aria-valuemin={0}
        aria-valuemax={Math.round(durationS)}
        aria-valuenow={Math.round(keyedS)}
        aria-valuetext={[clockText(keyedS), ...factsAt(strips, keyedS)].join(", ")}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={() => {
          dragFromS.current = null;
          setDraft(null);
        }}
        onPointerLeave={() => setPointedS(null)}
        onKeyDown={press}
      >
        {shown && (
          <div
            className="vb-strips-brush"
            style={{
              left: `${100 * fractionAt(shown.from_s, durationS)}%`,
              width: `${100 * fractionAt(shown.to_s - shown.from_s, durationS)}%`,
            }}
          />
        )}
        <div className="vb-strips-cursor" ref={cursor} />
        {pointedS !== null && (
          <div className="vb-strips-pointer" style={{ left: `${100 * fractionAt(pointedS, durationS)}%` }}>
            <span className="vb-strips-tip" data-side={pointedS > durationS / 2 ? "left" : "right"}>
              <b>{draft ? `${clockText(draft.from_s)}–${clockText(draft.to_s)}` : clockText(pointedS)}</b>
              {!draft && factsAt(strips, pointedS).map((fact) => <span key={fact}>{fact}</span>)}
            </span>
          </div>
        )}
      </div>
      <button type="button" className="vb-strips-save" onClick={save}>
        PNG<span className="vb-panel-hidden"> of the curves</span>
      </button>
    </div>
  );
}

function coloursOf(element: HTMLElement): StripColours & { ground: string } {
  const probe = element.ownerDocument.createElement("span");
  element.append(probe);
  const resolve = (token: string) => {
    probe.style.color = `var(--vb-${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    ink: resolve("ink"),
    faint: resolve("ink-2"),
    line: resolve("line"),
    retention: resolve("retention"),
    replay: resolve("replay"),
    skip: resolve("skip"),
    stall: resolve("stall"),
    ground: resolve("surface"),
  };
  probe.remove();
  return colours;
}
