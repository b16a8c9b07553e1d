import { useEffect, useState } from "react";
import { useWords } from "../i18n/useWords";
import type { Playback } from "../usePlayback";
import type { Session } from "../useSession";
import { Failure } from "./Failure";
import { Icon } from "./icons";

interface OverlayProps {
  playback: Playback;
  session: Session;
  onPlay: () => void;
}

/** A shorter wait is not worth a sign of it. */
const PATIENCE_MS = 400;

/** In the middle of the picture: the way to begin, waiting, failure. */
export function Overlay({ playback, session, onPlay }: OverlayProps) {
  const { m } = useWords();
  const waits = useDelayed(playback.waiting && !session.error, PATIENCE_MS);
  if (session.error) return <Failure error={session.error} onRetry={session.retry} />;
  return (
    <>
      {playback.paused && !playback.started && (
        <button type="button" className="vb-begin" aria-label={m.play} onClick={onPlay}>
          <Icon name="play" />
        </button>
      )}
      {waits && <span className="vb-waiting" role="status" aria-label={m.loading} />}
    </>
  );
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
