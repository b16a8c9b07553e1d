import { useEffect, useState } from "react";
import { useWords } from "../i18n/useWords";
import type { NextVideo } from "../types";

const COUNTDOWN_S = 10;

interface NextUpProps {
  next: NextVideo;
  onCancel: () => void;
}

/** After the end: what comes next, and ten seconds to say no. They stand still while nobody looks at the page. */
export function NextUp({ next, onCancel }: NextUpProps) {
  const { m, count } = useWords();
  const [leftS, setLeftS] = useState(COUNTDOWN_S);
  const { onPlay } = next;
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setLeftS((seconds) => seconds - 1);
    }, 1000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (leftS <= 0) onPlay();
  }, [leftS, onPlay]);
  return (
    <section className="vb-next" aria-label={m.upNext}>
      {next.poster && <img src={next.poster} alt="" />}
      <div>
        <small>{m.upNext}</small>
        <b dir="auto">{next.title}</b>
        <small>{m.startsIn(count(Math.max(0, leftS)))}</small>
        <span>
          <button type="button" className="vb-primary" onClick={onPlay}>
            {m.playNow}
          </button>
          <button type="button" onClick={onCancel}>
            {m.cancel}
          </button>
        </span>
      </div>
    </section>
  );
}
