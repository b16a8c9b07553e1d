import { useState } from "react";
import { useWords } from "../i18n/useWords";
import { useMenuWords } from "./useMenuWords";

interface ShareFormProps {
  shareUrl: (positionS: number) => string;
  positionS: number;
}

/** The address of this moment: copied where the clipboard is open, and shown to be copied by hand (http). */
export function ShareForm({ shareUrl, positionS }: ShareFormProps) {
  const { clock } = useWords();
  const m = useMenuWords();
  const [atS] = useState(Math.floor(positionS)); // the moment at which sharing was thought of
  const [copied, setCopied] = useState(false);
  const url = shareUrl(atS);
  const copy = () => {
    const { clipboard } = navigator as Partial<Navigator>;
    clipboard?.writeText(url).then(
      () => setCopied(true),
      () => undefined, // the field below is there
    );
  };
  return (
    <div className="vb-form">
      {window.isSecureContext && (
        <button type="button" className="vb-primary" onClick={copy}>
          {m.linkAt(clock(atS))}
        </button>
      )}
      <label>
        <span>{m.link}</span>
        <input readOnly dir="ltr" value={url} onFocus={(event) => event.target.select()} />
      </label>
      <span role="status">{copied && m.linkCopied(clock(atS))}</span>
    </div>
  );
}
