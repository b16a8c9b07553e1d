import { useCallback, useEffect, useRef, useState } from "react";

/** Controls leave the picture alone after this long without a hand or a key. */
const HIDE_MS = 2500;

/** Whether the controls are shown: after any sign of a person, and always while `pinned`. */
export function useAwake(pinned: boolean) {
  const [awake, setAwake] = useState(true);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const hide = useCallback(() => {
    clearTimeout(timer.current);
    setAwake(false);
  }, []);
  const wake = useCallback(() => {
    clearTimeout(timer.current);
    setAwake(true);
    timer.current = setTimeout(() => setAwake(false), HIDE_MS);
  }, []);
  useEffect(() => {
    if (!pinned) wake();
    return () => clearTimeout(timer.current);
  }, [pinned, wake]);
  return { awake: awake || pinned, wake, hide };
}
