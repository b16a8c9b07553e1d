import { useState } from "react";
import { CAPTION_STYLE, type CaptionStyle, prefer, preferences } from "../preferences";
import { useMenuWords } from "./useMenuWords";

const CHOICES = {
  size: ["small", "medium", "large", "huge"],
  colour: ["white", "yellow", "cyan", "black"],
  background: ["solid", "half", "none", "white"],
  edge: ["none", "outline", "shadow"],
} as const satisfies { [Part in keyof CaptionStyle]: readonly CaptionStyle[Part][] };

/** How captions look, for every video on this device. What is chosen is seen at once. */
export function CaptionStyleForm({ onChange }: { onChange: (style: CaptionStyle) => void }) {
  const { style: m } = useMenuWords();
  const [style, setStyle] = useState<CaptionStyle>(() => preferences().captionStyle ?? CAPTION_STYLE);
  const choose = (chosen: Partial<CaptionStyle>) => {
    const next = { ...style, ...chosen };
    setStyle(next);
    prefer({ captionStyle: next });
    onChange(next);
  };
  return (
    <div className="vb-form">
      {(Object.keys(CHOICES) as (keyof CaptionStyle)[]).map((part) => (
        <label key={part}>
          <span>{m[part]}</span>
          <select value={style[part]} onChange={(event) => choose({ [part]: event.target.value })}>
            {CHOICES[part].map((choice) => (
              <option key={choice} value={choice}>
                {m[choice]}
              </option>
            ))}
          </select>
        </label>
      ))}
      <p className="vb-sample" aria-hidden="true">
        <span>{m.sample}</span>
      </p>
      <button type="button" onClick={() => choose(CAPTION_STYLE)}>
        {m.reset}
      </button>
    </div>
  );
}
