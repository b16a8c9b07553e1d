import { useEffect, useRef, useState } from "react";
import { asksForPrivacy } from "../src/dom/viewer";
import { resumeIsOn, switchResume } from "../src/react/resume";
import "../src/react/dialog.css";
import { LANGUAGE_NAMES, LANGUAGES } from "../src/react/i18n/language";
import { chooseLanguage, chosenLanguage, m } from "./i18n";
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
    <dialog ref={dialog} className="vb-dialog" aria-label={m.privacy} onClose={onClose}>
      <h2>{m.privacy}</h2>
      <p className="help">{m.privacyIs}</p>
      <Choice on={resumeIsOn()} onChange={choose(switchResume)} text={m.rememberHere} />
      <Choice
        on={consent.get()}
        disabled={asksForPrivacy()}
        onChange={choose((on) => {
          consent.set(on);
          void tracker.then((loaded) => loaded.setConsent(on));
        })}
        text={asksForPrivacy() ? m.askedNot : m.recognise}
      />
      <Choice on={!notCounted.get()} onChange={choose((on) => notCounted.set(!on))} text={m.countMe} />
      <label>
        {m.language}
        <select
          value={chosenLanguage() ?? ""}
          onChange={(event) => chooseLanguage(LANGUAGES.find((each) => each === event.target.value) ?? null)}
        >
          <option value="">{m.browserLanguage}</option>
          {LANGUAGES.map((each) => (
            <option key={each} value={each} lang={each}>
              {LANGUAGE_NAMES[each]}
            </option>
          ))}
        </select>
      </label>
      <button type="button" className="vb-dialog-close" onClick={onClose}>
        {m.close}
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
