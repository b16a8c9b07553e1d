import { useEffect, useRef, useState } from "react";
import { SETTLE_MS, type Status, settledText, statusText } from "../announcer";
import { useWords } from "../i18n/useWords";

/** A told text is taken away after this long, so that nobody comes across it later. */
const FORGET_MS = 3000;

/** The live region of a player. `started` false: nothing is told before there was anything to play. */
export function Announcer({ status, started }: { status: Status; started: boolean }) {
  const words = useWords();
  const [told, setTold] = useState({ text: "", count: 0 });
  const before = useRef<Status>(undefined);
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined);
  const region = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const last = before.current;
    before.current = status;
    if (!last || !started) return;
    const tell = (text: string) => setTold(({ count }) => ({ text, count: count + 1 }));
    const atOnce = statusText(last, status, words);
    const settled = settledText(last, status, words);
    if (atOnce || settled || status.seeking) clearTimeout(settling.current);
    if (atOnce) tell(atOnce);
    else if (settled) settling.current = setTimeout(() => !onSlider(region.current) && tell(settled), SETTLE_MS);
  }, [status, started, words]);

  useEffect(() => {
    if (!told.text) return;
    const timer = setTimeout(() => setTold({ text: "", count: told.count }), FORGET_MS);
    return () => clearTimeout(timer);
  }, [told]);
  useEffect(() => () => clearTimeout(settling.current), []);

  return (
    <div ref={region} className="vb-hidden" role="status" aria-live="polite" aria-atomic="true">
      {told.text && <span key={told.count}>{told.text}</span>}
    </div>
  );
}

function onSlider(region: HTMLElement | null): boolean {
  const root = region?.getRootNode() as Document | ShadowRoot | undefined;
  return root?.activeElement?.matches('[role="slider"], input[type="range"]') === true;
}
