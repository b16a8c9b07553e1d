import { useCallback, useMemo, useState } from "react";
import type { LiveFacts } from "./types";

/** What the props say, and over it what came through the handle. */
export function useFacts(props: LiveFacts): [facts: Required<LiveFacts>, update: (facts: LiveFacts) => void] {
  const { heat, retention, watching, preparing, skips } = props;
  const [pushed, setPushed] = useState<LiveFacts>({});
  const update = useCallback((facts: LiveFacts) => setPushed((before) => ({ ...before, ...facts })), []);
  const facts = useMemo(() => {
    const given = { heat, retention, watching, preparing, skips, ...pushed };
    return {
      heat: given.heat ?? null,
      retention: given.retention ?? null,
      watching: given.watching ?? null,
      preparing: given.preparing ?? null,
      skips: given.skips ?? null,
    };
  }, [heat, retention, watching, preparing, skips, pushed]);
  return [facts, update];
}
