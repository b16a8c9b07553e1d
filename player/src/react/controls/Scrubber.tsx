import { type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";
import { type Cue, cueAt, pictureOf } from "../cues";
import { clockText, spokenTime } from "../format";
import type { PlayerHandle } from "../types";

interface ScrubberProps {
  video: RefObject<HTMLVideoElement | null>;
  handle: PlayerHandle | null;
  positionS: number;
  durationS: number;
  chapters: Cue[];
  storyboard: Cue[];
  storyboardUrl: string | null | undefined;
  onSeek: (toS: number) => void;
}

/** Where the video is, how much of it is loaded, its chapters, and a picture of the place under the pointer. */
export function Scrubber(props: ScrubberProps) {
  const { video, handle, positionS, durationS, chapters, storyboard, storyboardUrl, onSeek } = props;
  const bar = useRef<HTMLDivElement>(null);
  const [pointedS, setPointedS] = useState<number | null>(null);
  const [dragging, setDragging] = useState(false);

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
  const shownS = dragging && pointedS !== null ? pointedS : positionS;
  const chapter = cueAt(chapters, shownS);

  return (
    <div
      ref={bar}
      className="vb-scrubber"
      data-dragging={dragging}
      role="slider"
      tabIndex={0}
      aria-label="Position"
      aria-valuemin={0}
      aria-valuemax={Math.round(durationS)}
      aria-valuenow={Math.round(shownS)}
      aria-valuetext={`${spokenTime(shownS)} of ${spokenTime(durationS)}${chapter ? `, ${chapter.text}` : ""}`}
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
      <div
        className="vb-thumb"
        style={dragging && pointedS !== null ? { left: `${(100 * pointedS) / durationS}%` } : {}}
      />
      {pointedS !== null && durationS > 0 && (
        <Preview
          atS={pointedS}
          share={pointedS / durationS}
          chapter={cueAt(chapters, pointedS)}
          cue={cueAt(storyboard, pointedS)}
          storyboardUrl={storyboardUrl}
        />
      )}
    </div>
  );
}

interface PreviewProps {
  atS: number;
  share: number;
  chapter: Cue | null;
  cue: Cue | null;
  storyboardUrl: string | null | undefined;
}

const PREVIEW_WIDTH_PX = 168;

function Preview({ atS, share, chapter, cue, storyboardUrl }: PreviewProps) {
  const picture = cue && storyboardUrl ? pictureOf(cue, storyboardUrl) : null;
  const scale = picture && picture.w > 0 ? PREVIEW_WIDTH_PX / picture.w : 1;
  return (
    <div className="vb-preview" style={{ left: `clamp(88px, ${100 * share}%, calc(100% - 88px))` }} aria-hidden="true">
      {picture && (
        <div className="vb-preview-picture" style={{ width: PREVIEW_WIDTH_PX, height: picture.h * scale }}>
          <div
            style={{
              width: picture.w,
              height: picture.h,
              transform: `scale(${scale})`,
              transformOrigin: "0 0",
              backgroundImage: `url("${picture.url}")`,
              backgroundPosition: `-${picture.x}px -${picture.y}px`,
            }}
          />
        </div>
      )}
      <span>
        {clockText(atS)}
        {chapter && <b> {chapter.text}</b>}
      </span>
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
