import type { ApiError } from "./api";
import { m } from "./i18n";
import { sentence } from "./words";

/** The API is down or the device offline: what it means for what is on the page, and that it is tried again. */
export function Unreachable({ error, stale, onRetry }: { error: ApiError; stale: boolean; onRetry: () => void }) {
  return (
    <div className="banner" role="alert">
      <p>
        <b>{problemOf(error)}</b> {stale ? m.mayBeOld : <StartIt />} {m.tryingAgain}
      </p>
      <button type="button" onClick={onRetry}>
        {m.tryNow}
      </button>
    </div>
  );
}

/** What keeps the API's answer away, as a sentence. */
export function problemOf(error: ApiError): string {
  if (error.status !== 0) return sentence(error.hint);
  return navigator.onLine ? m.noAnswer : m.offline;
}

function StartIt() {
  return (
    <>
      {m.startWith} <code dir="ltr">make run</code>
      {m.orCheck}
    </>
  );
}
