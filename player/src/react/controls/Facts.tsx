import type { Words } from "../i18n/language";
import { useWords } from "../i18n/useWords";
import type { Preparing } from "../types";

/** Fewer are no crowd, and one of them is you. */
const WATCHING_FROM = 3;

interface FactsProps {
  watching: number | null;
  preparing: Preparing | null;
}

/** What is known beside the picture while it plays: who else watches, and which qualities are still to come. */
export function Facts({ watching, preparing }: FactsProps) {
  const words = useWords();
  const crowd = watching !== null && watching >= WATCHING_FROM;
  if (!crowd && !preparing) return null;
  return (
    <div className="vb-facts">
      {crowd && <span className="vb-watching">{words.m.watching(words.count(watching))}</span>}
      {preparing && <span>{renditionsText(preparing, words)}</span>}
    </div>
  );
}

/** In place of the picture while there is nothing to play yet. */
export function PreparingCard({ preparing }: { preparing: Preparing }) {
  const words = useWords();
  const { m, percent } = words;
  const text = preparing.state ?? m.preparing(percent(preparing.progress));
  return (
    <div className="vb-preparing" role="status">
      <b dir="auto">{text}</b>
      <progress value={preparing.progress} aria-label={text} />
      {preparing.renditions.length > 0 && <span>{renditionsText(preparing, words)}</span>}
      <small>{m.playsSoon}</small>
    </div>
  );
}

/** `480p ready · 1080p 42 %`. */
export function renditionsText({ progress, renditions }: Preparing, { m, percent }: Words): string {
  const ready = renditions.filter((each) => each.progress >= 1).map(({ height }) => `${height}p`);
  const coming = renditions.filter((each) => each.progress < 1);
  const parts = coming.map((each) => `${height(each)} ${percent(each.progress)}`);
  if (ready.length > 0) parts.unshift(m.ready(ready.join(", ")));
  return parts.join(" · ") || m.preparing(percent(progress));
}

function height(rendition: { height: number }): string {
  return `${rendition.height}p`;
}
