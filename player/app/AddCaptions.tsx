import { type FormEvent, useId, useState } from "react";
import { ApiError, sendCaptions } from "./api";
import { m, n, tag } from "./i18n";
import { sentence } from "./words";

/** Any tag may be written; these are written most, in the order of who speaks them. */
const OFFERED = [
  "en",
  "zh",
  "hi",
  "es",
  "fr",
  "ar",
  "bn",
  "pt-BR",
  "ru",
  "ur",
  "id",
  "de",
  "ja",
  "tr",
  "vi",
  "ko",
  "it",
];
const names = new Intl.DisplayNames([tag], { type: "language" });

/** A button that opens a line: a language and a file. What became of it is said there; the player shows it by itself. */
export function AddCaptions({ id }: { id: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        {m.addCaptions}
      </button>
      {open && <CaptionForm id={id} />}
    </>
  );
}

function CaptionForm({ id }: { id: string }) {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ text: string; isProblem: boolean } | null>(null);
  const help = useId();
  const offered = useId();
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const file = fields.get("file");
    if (!(file instanceof File)) return;
    setBusy(true);
    setSaid(null);
    try {
      const kept = await sendCaptions(id, String(fields.get("language")), file);
      const text = [m.captionsAdded(n.count(kept.cues)), kept.note && sentence(kept.note)].filter(Boolean).join(". ");
      setSaid({ text, isProblem: false });
      form.reset();
    } catch (reason) {
      setSaid({ text: reason instanceof ApiError ? sentence(reason.hint) : m.didNotWork, isProblem: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="captions-form" aria-label={m.addCaptions} onSubmit={send}>
      <label>
        {m.captionLanguage}
        <input
          name="language"
          type="text"
          list={offered}
          required
          maxLength={35}
          defaultValue={tag}
          dir="ltr"
          aria-describedby={help}
        />
      </label>
      <datalist id={offered}>
        {OFFERED.map((each) => (
          <option key={each} value={each}>
            {names.of(each)}
          </option>
        ))}
      </datalist>
      <label>
        {m.captionFile}
        <input name="file" type="file" required accept=".srt,.vtt,text/vtt,application/x-subrip" />
      </label>
      <button type="submit" className="primary" disabled={busy}>
        {m.captionUpload}
      </button>
      <p id={help} className={said?.isProblem ? "problem" : "help"} role={said ? "status" : undefined}>
        {said?.text ?? m.captionLanguageHelp}
      </p>
    </form>
  );
}
