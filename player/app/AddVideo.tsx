import { type DragEvent, type FormEvent, useRef, useState } from "react";
import { ApiError, addByUrl, upload, type Video } from "./api";
import { percent, sentence } from "./words";

interface Upload {
  name: string;
  share: number;
  stop: () => void;
}

/** Paste a URL, drop a file, or choose one. `onAdded` hears of each video that came in. */
export function AddVideo({ onAdded, first = false }: { onAdded: (video: Video) => void; first?: boolean }) {
  const [url, setUrl] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [sending, setSending] = useState<Upload | null>(null);
  const [over, setOver] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);

  const run = async (work: () => Promise<Video>) => {
    setError(null);
    setBusy(true);
    try {
      onAdded(await work());
      setUrl("");
    } catch (reason) {
      if (reason instanceof ApiError) setError(sentence(reason.hint));
      else if (!(reason instanceof DOMException)) throw reason;
    } finally {
      setBusy(false);
      setSending(null);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const pasted = url.trim();
    if (pasted) void run(() => addByUrl(pasted));
  };
  const send = async (files: File[]) => {
    for (const file of files) {
      const life = new AbortController();
      const shown = { name: file.name, share: 0, stop: () => life.abort() };
      setSending(shown);
      await run(() => upload(file, (share) => setSending({ ...shown, share }), life.signal));
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const files = [...event.dataTransfer.files];
    const link = event.dataTransfer.getData("text/uri-list").split("\n")[0]?.trim();
    if (files.length > 0) void send(files);
    else if (link) void run(() => addByUrl(link));
  };

  return (
    <form
      className="add"
      data-first={first}
      data-over={over}
      aria-label="Add a video"
      onSubmit={submit}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <label htmlFor="add-url">Paste a video URL</label>
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
          {busy && !sending ? "Adding …" : "Add"}
        </button>
      </div>
      {sending ? (
        <p className="add-sending" role="status">
          <progress value={sending.share} aria-label={`Uploading ${sending.name}`} />
          <span>
            {sending.share < 1 ? `Uploading ${percent(sending.share)}` : "Uploaded, saving"} · {sending.name}
          </span>
          <button type="button" className="link" onClick={sending.stop}>
            Stop
          </button>
        </p>
      ) : (
        <p id="add-help" className={error ? "problem" : "help"} role={error ? "alert" : undefined}>
          {error ?? "… or drop a file here, or"}{" "}
          <button type="button" className="link" onClick={() => chooser.current?.click()}>
            {error ? "Upload a file instead" : "choose one"}
          </button>
          {error ? "" : "."}
        </p>
      )}
      <input
        ref={chooser}
        type="file"
        accept="video/*,audio/*,.mkv,.ts,.m2ts,.avi,.mov"
        multiple
        hidden
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = "";
          void send(files);
        }}
      />
    </form>
  );
}
