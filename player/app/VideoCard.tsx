import { useState } from "react";
import { ApiError, removeVideo, retryVideo, type Video } from "./api";
import { m, n } from "./i18n";
import { Link } from "./Link";
import { searchFor } from "./router";
import { isBusy } from "./useVideos";
import { WeekLine } from "./WeekLine";
import type { Week } from "./week";
import { renditionsText, sentence, statusText } from "./words";

interface VideoCardProps {
  video: Video;
  /** How it was watched lately; absent until it is known. */
  week?: Week;
  onChanged: () => void;
}

/** One video of the library: what it is, how far it is, and what can be done when it failed. */
export function VideoCard({ video, week, onChanged }: VideoCardProps) {
  const opens = video.status !== "external";
  const { moving, ...watched } = usePreview(video.urls.preview !== null);
  const picture = (
    <span className="card-picture">
      {video.urls.poster ? (
        <img src={video.urls.poster} alt="" loading="lazy" />
      ) : (
        <span className="card-blank">{statusText(video)}</span>
      )}
      {moving && video.urls.preview && <img className="card-preview" src={video.urls.preview} alt="" />}
      {video.duration_s !== null && <span className="card-duration">{n.clock(video.duration_s)}</span>}
      {isBusy(video) && (
        <progress value={video.status === "queued" ? 0 : video.progress} aria-label={statusText(video)} />
      )}
    </span>
  );
  return (
    <li className="card" data-status={video.status}>
      {opens ? (
        <Link href={`/watch/${video.id}`} className="card-link" {...watched}>
          {picture}
          <span className="card-title">{video.title}</span>
        </Link>
      ) : (
        <span className="card-link">
          {picture}
          <span className="card-title">{video.title}</span>
        </span>
      )}
      {video.status !== "ready" && video.urls.poster && <p className="card-status">{statusText(video)}</p>}
      {video.status === "encoding" && video.renditions.length > 0 && (
        <p className="card-status">{renditionsText(video)}</p>
      )}
      {video.playable && <WeekLine week={week} />}
      {video.tags.length > 0 && (
        <ul className="tags" aria-label={m.tags}>
          {video.tags.map((tag) => (
            <li key={tag}>
              <button type="button" onClick={() => searchFor("", tag)} aria-label={m.showOnly(tag)}>
                {tag}
              </button>
            </li>
          ))}
        </ul>
      )}
      {video.error && <Failure video={video} onChanged={onChanged} />}
    </li>
  );
}

/** Whether the animated preview shows: while a mouse or the focus is on the card, and never for who wants no motion. */
function usePreview(exists: boolean) {
  const [moving, setMoving] = useState(false);
  const begin = () => setMoving(exists && !matchMedia("(prefers-reduced-motion: reduce)").matches);
  const end = () => setMoving(false);
  return {
    moving,
    onPointerEnter: ({ pointerType }: React.PointerEvent) => pointerType === "mouse" && begin(),
    onPointerLeave: end,
    onFocus: begin,
    onBlur: end,
  };
}

/** Why an import failed and the ways out: again, or away. */
export function Failure({ video, onChanged }: { video: Video; onChanged: () => void }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const act = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      onChanged();
    } catch (reason) {
      setProblem(reason instanceof ApiError ? sentence(reason.hint) : m.didNotWork);
    } finally {
      setBusy(false);
    }
  };
  if (!video.error) return null;
  return (
    <div className="failure">
      <p>{sentence(video.error.hint)}</p>
      {problem && <p role="alert">{problem}</p>}
      <p className="failure-ways">
        {video.error.retryable && (
          <button type="button" disabled={busy} onClick={() => act(() => retryVideo(video.id))}>
            {m.tryAgain}
          </button>
        )}
        <button type="button" disabled={busy} onClick={() => act(() => removeVideo(video.id))}>
          {m.remove}
        </button>
        <code>{video.error.code}</code>
      </p>
    </div>
  );
}
