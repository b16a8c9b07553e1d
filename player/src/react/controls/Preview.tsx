import type { Cue } from "../cues";
import { useWords } from "../i18n/useWords";
import { pictureOf } from "../vtt";

interface PreviewProps {
  atS: number;
  /** Where on the bar, 0..1. */
  share: number;
  chapter: Cue | null;
  cue: Cue | null;
  storyboardUrl: string | null | undefined;
  /** What the curves say of this place. */
  note: string | null;
}

const WIDTH_PX = 168;

/** A picture of the place under the pointer, with its time and chapter. */
export function Preview({ atS, share, chapter, cue, storyboardUrl, note }: PreviewProps) {
  const { clock } = useWords();
  const picture = cue && storyboardUrl ? pictureOf(cue, storyboardUrl) : null;
  const scale = picture && picture.w > 0 ? WIDTH_PX / picture.w : 1;
  return (
    <div className="vb-preview" style={{ left: `clamp(88px, ${100 * share}%, calc(100% - 88px))` }} aria-hidden="true">
      {picture && (
        <div className="vb-preview-picture" style={{ width: WIDTH_PX, height: picture.h * scale }}>
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
        {clock(atS)}
        {chapter && <b dir="auto"> {chapter.text}</b>}
        {note && <small dir="auto"> {note}</small>}
      </span>
    </div>
  );
}
