import { type FormEvent, useRef, useState } from "react";
import { ApiError, addByUrl, type Video } from "./api";
import { m, n } from "./i18n";
import { sendFiles } from "./upload/queue";
import { linksIn, sentence } from "./words";

const MOST_LINKS = 20; // pasted at once; more are a job for `viewbox add --from`

/** Adds one video after the other. Returns what became of it: the last one, and what went wrong. */
export async function addLinks(links: string[]): Promise<{ video: Video | null; problem: string | null }> {
  let video: Video | null = null;
  const problems: string[] = [];
  for (const link of links.slice(0, MOST_LINKS)) {
    try {
      video = await addByUrl(link);
    } catch (reason) {
      if (!(reason instanceof ApiError)) throw reason;
      problems.push(links.length > 1 ? `${link}: ${reason.hint}` : sentence(reason.hint));
    }
  }
  if (links.length > MOST_LINKS) problems.push(m.onlyFirst(n.count(MOST_LINKS)));
  return { video, problem: problems.join(" · ") || null };
}

interface AddVideoProps {
  /** Hears of the video that came in by an address. */
  onAdded: (video: Video) => void;
  /** Hears that files are on their way: the library shows how far they are. */
  onFiles?: () => void;
}

/** Paste one or several addresses, or choose files. Dropping works on the whole page. */
export function AddVideo({ onAdded, onFiles }: AddVideoProps) {
  const [url, setUrl] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const chooser = useRef<HTMLInputElement>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const pasted = url.trim();
    if (!pasted) return;
    setError(null);
    setBusy(true);
    try {
      const { video, problem } = await addLinks(linksIn(pasted) ?? [pasted]);
      setError(problem);
      if (!problem) setUrl("");
      if (video) onAdded(video);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className="add" aria-label={m.addVideo} onSubmit={submit}>
      <label htmlFor="add-url">{m.pasteUrl}</label>
      <div className="add-line">
        <input
          id="add-url"
          type="text"
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          placeholder="https://…/video.mp4"
          value={url}
          aria-invalid={error !== null}
          aria-describedby="add-help"
          onChange={(event) => {
            setUrl(event.target.value);
            setError(null);
          }}
        />
        <button type="submit" className="primary" disabled={busy || url.trim() === ""}>
          {busy ? m.adding : m.add}
        </button>
      </div>
      <p id="add-help" className={error ? "problem" : "help"} role={error ? "alert" : undefined}>
        {error ?? m.orDrop}{" "}
        <button type="button" className="link" onClick={() => chooser.current?.click()}>
          {error ? m.uploadInstead : m.chooseSome}
        </button>
        {error ? "" : "."}
      </p>
      <FileChooser
        chooser={chooser}
        onFiles={(files) => {
          setError(null);
          sendFiles(files);
          onFiles?.();
        }}
      />
    </form>
  );
}

interface FileChooserProps {
  chooser: React.RefObject<HTMLInputElement | null>;
  onFiles: (files: File[]) => void;
}

export function FileChooser({ chooser, onFiles }: FileChooserProps) {
  return (
    <input
      ref={chooser}
      type="file"
      accept="video/*,audio/*,.mkv,.ts,.m2ts,.avi,.mov"
      multiple
      hidden
      onChange={(event) => {
        const files = [...(event.target.files ?? [])];
        event.target.value = "";
        if (files.length > 0) onFiles(files);
      }}
    />
  );
}
