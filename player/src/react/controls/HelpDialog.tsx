import { useEffect, useRef, useState } from "react";
import { KEY_HELP, keysAreOn, switchKeys } from "../hotkeys";

/** The list of keys, with their off switch. */
export function HelpDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [on, setOn] = useState(keysAreOn);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      className="vb-dialog"
      aria-label="Keyboard"
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <h2>Keyboard</h2>
      <dl>
        {KEY_HELP.map(([keys, does]) => (
          <div key={keys}>
            <dt>{keys}</dt>
            <dd>{does}</dd>
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
        Single keys work while the player has the focus
      </label>
      <button type="button" className="vb-dialog-close" onClick={onClose}>
        Close
      </button>
    </dialog>
  );
}
