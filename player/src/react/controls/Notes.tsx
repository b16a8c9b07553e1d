import { useEffect, useState } from "react";
import { useWords } from "../i18n/useWords";
import type { Session } from "../useSession";
import { Icon } from "./icons";

const RESUME_NOTE_MS = 8000;

/** A jump that was just made. */
export interface Jump {
  id: number;
  seconds: number;
}

/** A finger's or a key's jump, at the side to which it goes. */
export function JumpNote({ jump }: { jump: Jump }) {
  const { m, count } = useWords();
  return (
    <span key={jump.id} className="vb-jump" data-side={jump.seconds < 0 ? "left" : "right"} aria-hidden="true">
      <Icon name={jump.seconds < 0 ? "back" : "forward"} />
      {m.secondsShort(count(Math.abs(jump.seconds)))}
    </span>
  );
}

/** While a finger lies on the picture. */
export function HoldNote({ rate }: { rate: number }) {
  const words = useWords();
  return (
    <span className="vb-hold" aria-hidden="true">
      {words.m.holdSpeed(words.rate(rate))}
    </span>
  );
}

/** Where the last visit stopped, and the way to the beginning. */
export function ResumedNote({ atS, session }: { atS: number; session: Session }) {
  const { m, clock } = useWords();
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
      {m.goesOnAt(clock(atS))}
      <button type="button" onClick={restart}>
        {m.startOver}
      </button>
    </p>
  );
}
