import { useEffect, useState } from "react";

/** After the first picture, the browser has better things to do for a moment. */
const AFTER_PICTURE_MS = 250;
/** A source that shows no picture before it is asked to play does not keep its length from ears. */
const WITHOUT_PICTURE_MS = 2000;

/** Whether the first picture is over, of a video whose length is known or that has one: what is slow at its first use, as Intl is, waits until then. */
export function useSettled(durationS: number, pictured: boolean): boolean {
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    if (settled || !(pictured || durationS > 0)) return;
    const timer = setTimeout(() => setSettled(true), pictured ? AFTER_PICTURE_MS : WITHOUT_PICTURE_MS);
    return () => clearTimeout(timer);
  }, [settled, durationS, pictured]);
  return settled;
}
