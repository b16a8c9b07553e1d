import { type RefObject, useEffect, useRef } from "react";
import type { Engine } from "../dom/engine";

/** Goes on with a newer master of the same source, in place. What the source began with is `version` at that time. */
export function useMaster(engine: RefObject<Engine | null>, src: string | null, version: number | null): void {
  const known = useRef<{ src: string | null; version: number } | null>(null);
  useEffect(() => {
    if (version === null) return;
    const before = known.current;
    known.current = { src, version };
    if (src === null || before?.src !== src || version <= before.version) return;
    void engine.current?.switchTo(src); // one that fails leaves the old master playing; the next one comes with a push
  }, [engine, src, version]);
}
