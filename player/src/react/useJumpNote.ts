import { useCallback, useEffect, useRef, useState } from "react";
import type { Jump } from "./controls/Notes";

const SHOWN_MS = 700;

/** The last jump, for as long as it is shown; jumps of one series in one direction add up. */
export function useJumpNote() {
  const [jump, setJump] = useState<Jump | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const showJump = useCallback((seconds: number) => {
    setJump((before) => ({
      id: performance.now(),
      seconds: before && Math.sign(before.seconds) === Math.sign(seconds) ? before.seconds + seconds : seconds,
    }));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setJump(null), SHOWN_MS);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);
  return { jump, showJump };
}
