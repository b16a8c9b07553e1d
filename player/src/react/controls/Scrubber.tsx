import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useId, useRef, useState } from "react";
import { type Cue, cueAt } from "../cues";
import { useWords } from "../i18n/useWords";
import type { Range } from "../seen";
import type { PlayerHandle } from "../types";
import { useModule } from "../useModule";
import { Seen } from "./Seen";

/** What lies on the timeline. */
export interface Timeline {
  durationS: number;
  /** The first picture is over: places may be put into words. */
  settled: boolean;
  chapters: Cue[];
  storyboard: Cue[];
  storyboardUrl: string | null | undefined;
  heat: readonly number[] | null;
  retention: readonly number[] | null;
  seen: readonly Range[];
}

interface ScrubberProps {
  video: RefObject<HTMLVideoElement | null>;
  handle: PlayerHandle | null;
  positionS: number;
  timeline: Timeline;
  onSeek: (toS: number) => void;
  onStep: (seconds: number) => void;
}

const loadCurves = () => import("./Curves");
const loadPreview = () => import("./Preview");
const STEP_S = 5;
const PAGE_S = 60;

/** Where the video is, how much of it is loaded, its chapters and audience, and a picture of the place pointed at. */
export function Scrubber({ video, handle, positionS, timeline, onSeek, onStep }: ScrubberProps) {
  const { durationS, chapters, storyboard, storyboardUrl, seen } = timeline;
  const { m, percent, spoken } = useWords();
  const bar = useRef<HTMLDivElement>(null);
  const peakId = useId();
  const [pointedS, setPointedS] = useState<number | null>(null);
  const [dragging, setDragging] = useState(false);
  const heat = timeline.heat?.some((value) => value > 0) ? timeline.heat : null;
  const [curves] = useModule(loadCurves, heat !== null || timeline.retention !== null);
  const [preview] = useModule(loadPreview, pointedS !== null);
  const peak = heat && curves ? curves.peakOf(heat) : null;

  // The bar moves with every frame without rendering React: two custom properties are enough.
  useEffect(() => {
    const show = (seconds: number) => {
      const media = video.current;
      if (!bar.current || !media || durationS <= 0) return;
      bar.current.style.setProperty("--vb-played", String(Math.min(1, seconds / durationS)));
      bar.current.style.setProperty("--vb-loaded", String(Math.min(1, loadedUpTo(media) / durationS)));
    };
    const media = video.current;
    const onProgress = () => media && show(media.currentTime);
    onProgress();
    media?.addEventListener("progress", onProgress);
    const stop = handle?.onTime(show);
    return () => {
      media?.removeEventListener("progress", onProgress);
      stop?.();
    };
  }, [video, handle, durationS]);

  const secondsAt = (event: PointerEvent) => {
    const box = bar.current?.getBoundingClientRect();
    if (!box || box.width === 0) return 0;
    return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * durationS;
  };
  // A slider answers its own keys, also when the player's single keys are switched off.
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps: Record<string, () => void> = {
      ArrowLeft: () => onStep(-STEP_S),
      ArrowRight: () => onStep(STEP_S),
      PageDown: () => onStep(-PAGE_S),
      PageUp: () => onStep(PAGE_S),
      Home: () => onSeek(0),
      End: () => onSeek(Math.max(0, durationS - 0.1)),
    };
    const act = steps[event.key];
    act?.();
    if (act) event.preventDefault();
  };
  const noteAt = (seconds: number) => {
    const share = Math.min(0.999, seconds / durationS);
    const here = timeline.retention?.[Math.floor(share * timeline.retention.length)];
    const notes = [
      peak && peak[0] <= share && share < peak[1] && m.mostReplayed,
      here !== undefined && m.stillHere(percent(here)),
      seen.some(([fromS, toS]) => fromS <= seconds && seconds < toS) && m.seen,
    ];
    return notes.filter(Boolean).join(" · ") || null;
  };
  const shownS = dragging && pointedS !== null ? pointedS : positionS;
  const chapter = cueAt(chapters, shownS);
  const place = timeline.settled && durationS > 0 ? m.positionOf(spoken(shownS), spoken(durationS)) : undefined;

  return (
    <div
      ref={bar}
      className="vb-scrubber"
      data-dragging={dragging}
      role="slider"
      tabIndex={0}
      aria-label={m.position}
      aria-valuemin={0}
      aria-valuemax={Math.round(durationS)}
      aria-valuenow={Math.round(shownS)}
      aria-valuetext={place && (chapter ? `${place}, ${chapter.text}` : place)}
      aria-describedby={peak ? peakId : undefined}
      onKeyDown={press}
      onPointerDown={(event) => {
        if (event.button !== 0 || durationS <= 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragging(true);
        setPointedS(secondsAt(event));
      }}
      onPointerMove={(event) => setPointedS(secondsAt(event))}
      onPointerUp={(event) => {
        if (dragging) onSeek(secondsAt(event));
        setDragging(false);
        if (event.pointerType === "touch") setPointedS(null);
      }}
      onPointerCancel={() => {
        setDragging(false);
        setPointedS(null);
      }}
      onPointerLeave={() => {
        if (!dragging) setPointedS(null);
      }}
    >
      {curves && (heat || timeline.retention) && <curves.Curves heat={heat} retention={timeline.retention} />}
      {peak && (
        <span id={peakId} hidden>
          {m.mostReplayedAt(spoken(peak[0] * durationS), spoken(peak[1] * durationS))}
        </span>
      )}
      <div className="vb-rail">
        <div className="vb-track">
          <div className="vb-loaded" />
          <div className="vb-played" />
          {durationS > 0 &&
            chapters
              .filter((each) => each.startS > 0 && each.startS < durationS)
              .map((each) => (
                <i
                  key={each.startS}
                  className="vb-chapter-mark"
                  style={{ left: `${(100 * each.startS) / durationS}%` }}
                />
              ))}
        </div>
        {durationS > 0 && <Seen ranges={seen} durationS={durationS} />}
        <div
          className="vb-thumb"
          style={dragging && pointedS !== null ? { left: `${(100 * pointedS) / durationS}%` } : {}}
        />
      </div>
      {preview && pointedS !== null && durationS > 0 && (
        <preview.Preview
          atS={pointedS}
          share={pointedS / durationS}
          chapter={cueAt(chapters, pointedS)}
          cue={cueAt(storyboard, pointedS)}
          storyboardUrl={storyboardUrl}
          note={noteAt(pointedS)}
        />
      )}
    </div>
  );
}

function loadedUpTo(media: HTMLMediaElement): number {
  const { buffered, currentTime } = media;
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime + 0.1 && buffered.end(i) >= currentTime) return buffered.end(i);
  }
  return currentTime;
}
