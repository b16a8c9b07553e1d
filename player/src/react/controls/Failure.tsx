import { useEffect } from "react";
import type { EngineError } from "../../dom/engine";
import type { Messages } from "../i18n/en";
import { useWords } from "../i18n/useWords";

/** Why it does not play, in a person's words, and the way out. */
export function Failure({ error, onRetry }: { error: EngineError; onRetry: () => void }) {
  const { m } = useWords();
  const kind = failureOf(error.code, navigator.onLine);
  const { what, way } = m.failures[kind];
  useEffect(() => {
    if (kind !== "offline") return;
    addEventListener("online", onRetry, { once: true });
    return () => removeEventListener("online", onRetry);
  }, [kind, onRetry]);
  return (
    <div className="vb-failure" role="alert">
      <p>{what}</p>
      <p>{way}</p>
      <button type="button" onClick={onRetry}>
        {m.tryAgain}
      </button>
      <small dir="ltr">{error.code}</small>
    </div>
  );
}

/** What an engine's code means for a person. */
export function failureOf(code: string, online: boolean): keyof Messages["failures"] {
  if (!online) return "offline";
  if (/unsupported|incompatible|codec/i.test(code)) return "unsupported";
  if (/manifest|media_error_4|engine/i.test(code)) return "unreachable";
  if (/frag|level|track|network|media_error_2/i.test(code)) return "network";
  return "other";
}
