import { useEffect, useRef, useState } from "react";
import { keysAreOn, switchKeys } from "../hotkeys";
import type { MenuMessages } from "../i18n/menu_en";
import { useWords } from "../i18n/useWords";
import "../dialog.css";
import { useMenuWords } from "./useMenuWords";

const KEYS: [keys: string, does: keyof MenuMessages["keys"]][] = [
  ["k, Space", "play"],
  ["← →", "arrows"],
  ["j l", "letters"],
  ["↑ ↓", "volume"],
  ["m", "mute"],
  ["f", "fullscreen"],
  ["t", "theatre"],
  ["i", "pip"],
  ["c", "captions"],
  ["Home, End", "ends"],
  ["0 – 9", "digits"],
  ["< >", "speed"],
  ["?", "help"],
];

/** The list of keys, with their off switch. It is opened by being there. */
export function HelpDialog({ onClose }: { onClose: () => void }) {
  const { tag, dir } = useWords();
  const m = useMenuWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const [on, setOn] = useState(keysAreOn);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="vb-dialog"
      lang={tag}
      dir={dir}
      aria-label={m.keyboard}
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <h2>{m.keyboard}</h2>
      <dl>
        {KEYS.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              <bdi dir="ltr">{keys}</bdi>
            </dt>
            <dd>{m.keys[does]}</dd>
          </div>
        ))}
      </dl>
      <label>
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => {
            switchKeys(event.target.checked);
            setOn(event.target.checked);
          }}
        />
        {m.keysSwitch}
      </label>
      <button type="button" className="vb-dialog-close" onClick={() => dialog.current?.close()}>
        {m.close}
      </button>
    </dialog>
  );
}
