import type { ApiError } from "./api";
import { sentence } from "./words";

/** The API is down or the device offline: what it means for what is on the page, and that it is tried again. */
export function Unreachable({ error, stale, onRetry }: { error: ApiError; stale: boolean; onRetry: () => void }) {
  return (
    <div className="banner" role="alert">
      <p>
        <b>{problemOf(error)}</b> {stale ? "What you see may be out of date." : <StartIt />} Trying again …
      </p>
      <button type="button" onClick={onRetry}>
        Try now
      </button>
    </div>
  );
}

/** What keeps the API's answer away, as a sentence. */
export function problemOf(error: ApiError): string {
  if (error.status !== 0) return sentence(error.hint);
  return navigator.onLine ? "ViewBox does not answer." : "You are offline.";
}

function StartIt() {
  return (
    <>
      Start it with <code>make run</code>, or check the address.
    </>
  );
}
