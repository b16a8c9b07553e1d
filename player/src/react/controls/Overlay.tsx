import { useEffect, useState } from "react";
import type { EngineError } from "../../dom/engine";
import { clockText } from "../format";
import type { Playback } from "../usePlayback";
import type { Session } from "../useSession";
import { Icon } from "./icons";

interface OverlayProps {
  playback: Playback;
  session: Session;
  onPlay: () => void;
}

/** A shorter wait is not worth a sign of it. */
const PATIENCE_MS = 400;
const RESUME_NOTE_MS = 8000;

/** What lies on the picture: the way to begin, waiting, failure, and where the last visit stopped. */
export function Overlay({ playback, session, onPlay }: OverlayProps) {
  const waits = useDelayed(playback.waiting && !session.error, PATIENCE_MS);
  if (session.error) return <Failure error={session.error} onRetry={session.retry} />;
  return (
    <>
      {playback.paused && !playback.started && (
        <button type="button" className="vb-begin" aria-label="Play" onClick={onPlay}>
          <Icon name="play" />
        </button>
      )}
      {waits && <span className="vb-waiting" role="status" aria-label="Loading" />}
      {session.resumedAtS !== null && <Resumed atS={session.resumedAtS} session={session} />}
    </>
  );
}

function Resumed({ atS, session }: { atS: number; session: Session }) {
  const [shown, setShown] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setShown(false), RESUME_NOTE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  const restart = () => {
    session.handle?.seek(0, "user");
    setShown(false);
  };
  return (
    <p className="vb-note">
      Goes on at {clockText(atS)}
      <button type="button" onClick={restart}>
        Start over
      </button>
    </p>
  );
}

function Failure({ error, onRetry }: { error: EngineError; onRetry: () => void }) {
  const [what, way] = explain(error.code);
  return (
    <div className="vb-failure" role="alert">
      <p>{what}</p>
      <p>{way}</p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
      <small>{error.code}</small>
    </div>
  );
}

function explain(code: string): [what: string, way: string] {
  if (!navigator.onLine) return ["You are offline.", "The video goes on when the connection is back."];
  if (/manifest/i.test(code))
    return ["This video cannot be reached.", "It may have been removed, or the server is down."];
  if (/frag|level|network/i.test(code))
    return ["The connection is too weak right now.", "Try again, or choose a lower quality."];
  if (/unsupported|src_not|incompatible/i.test(code))
    return ["This browser cannot play the video.", "A current Chrome, Edge, Firefox or Safari can."];
  return ["The video stopped.", "Trying again usually helps; if not, another browser does."];
}

function useDelayed(on: boolean, delayMs: number): boolean {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!on) {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), delayMs);
    return () => clearTimeout(timer);
  }, [on, delayMs]);
  return shown;
}
