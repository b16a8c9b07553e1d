import type { ApiError } from "./api";

/** The API is down or the device offline: what it means for what is on the page, and that it is tried again. */
export function Unreachable({ error, stale, onRetry }: { error: ApiError; stale: boolean; onRetry: () => void }) {
  const what = error.status !== 0 ? error.hint : navigator.onLine ? "ViewBox does not answer." : "You are offline.";
  return (
    <div className="banner" role="alert">
      <p>
        <b>{what}</b> {stale ? "What you see may be out of date." : <StartIt />} Trying again …
      </p>
      <button type="button" onClick={onRetry}>
        Try now
      </button>
    </div>
  );
}

function StartIt() {
  return (
    <>
      Start it with <code>make run</code>, or check the address.
    </>
  );
}
