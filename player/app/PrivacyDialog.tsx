import { useEffect, useRef, useState } from "react";
import { asksForPrivacy } from "../src/dom/viewer";
import { resumeIsOn, switchResume } from "../src/react/resume";
import "../src/react/dialog.css";
import { consent, notCounted } from "./privacy";
import { tracker } from "./tracking";

/** What this browser remembers and tells, with a switch for each. */
export function PrivacyDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [, setRound] = useState(0);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  const choose = (act: (on: boolean) => void) => (on: boolean) => {
    act(on);
    setRound((round) => round + 1);
  };
  return (
    <dialog ref={dialog} className="vb-dialog" aria-label="Privacy" onClose={onClose}>
      <h2>Privacy</h2>
      <p className="help">ViewBox counts what is watched, not who watches: no cookies, no addresses, no other host.</p>
      <Choice on={resumeIsOn()} onChange={choose(switchResume)} text="Remember on this device where I stopped" />
      <Choice
        on={consent.get()}
        disabled={asksForPrivacy()}
        onChange={choose((on) => {
          consent.set(on);
          void tracker.then((loaded) => loaded.setConsent(on));
        })}
        text={
          asksForPrivacy()
            ? "Your browser asks not to be recognised, so it is not"
            : "Recognise this browser when it comes back"
        }
      />
      <Choice
        on={!notCounted.get()}
        onChange={choose((on) => notCounted.set(!on))}
        text="Count my views (from the next video on)"
      />
      <button type="button" className="vb-dialog-close" onClick={onClose}>
        Close
      </button>
    </dialog>
  );
}

interface ChoiceProps {
  on: boolean;
  text: string;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}

function Choice({ on, text, disabled, onChange }: ChoiceProps) {
  return (
    <label>
      <input type="checkbox" checked={on} disabled={disabled} onChange={(event) => onChange(event.target.checked)} />
      {text}
    </label>
  );
}
