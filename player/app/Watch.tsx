import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type PlayerHandle, ViewBoxPlayer } from "../src/react";
import { clockText } from "../src/react/format";
import type { ApiError, Video } from "./api";
import { dashboardUrl } from "./dashboard";
import { Header } from "./Header";
import { Link } from "./Link";
import { Preparing } from "./Preparing";
import { trackingOf } from "./tracking";
import { problemOf, Unreachable } from "./Unreachable";
import { isBusy, useLibrary, useVideo } from "./useVideos";
import { percent } from "./words";

interface WatchProps {
  id: string;
  startS: number | null;
}

export function Watch({ id, startS }: WatchProps) {
  const { content: video, error, reload } = useVideo(id);
  const [theatre, setTheatre] = useState(false);
  useEffect(() => {
    document.title = video ? `${video.title} · ViewBox` : "ViewBox";
  }, [video]);
  return (
    <>
      <Header />
      <main className="page watch" data-theatre={theatre}>
        <div className="watch-main">
          {error?.status === 404 ? (
            <Missing />
          ) : (
            <>
              {error && video && <Unreachable error={error} stale onRetry={reload} />}
              {video ? (
                <Stage video={video} startS={startS} onChanged={reload} theatre={theatre} onTheatre={setTheatre} />
              ) : (
                <Waiting error={error} onRetry={reload} />
              )}
            </>
          )}
        </div>
        <UpNext id={id} />
      </main>
    </>
  );
}

interface StageProps {
  video: Video;
  startS: number | null;
  theatre: boolean;
  onTheatre: (on: boolean) => void;
  onChanged: () => void;
}

function Stage({ video, startS, theatre, onTheatre, onChanged }: StageProps) {
  const handle = useRef<PlayerHandle>(null);
  const dashboard = dashboardUrl(video.id);
  const toggleTheatre = () => {
    onTheatre(!theatre);
    handle.current?.setting("theatre", !theatre);
  };
  return (
    <>
      {video.playable && video.urls.hls ? (
        <Player video={video} startS={startS} handle={handle} />
      ) : (
        <Preparing video={video} onChanged={onChanged} />
      )}
      <h1 className="watch-title">{video.title}</h1>
      <div className="watch-line">
        <p className="watch-state">
          {isBusy(video) && video.playable && <RenditionsText video={video} />}
          {video.tags.length > 0 && <span>{video.tags.join(" · ")}</span>}
        </p>
        {video.playable && <Share id={video.id} handle={handle} />}
        {dashboard && (video.playable || video.status === "external") && (
          <a className="button" href={dashboard}>
            How it was watched
          </a>
        )}
        {video.playable && (
          <button type="button" className="wide-only" aria-pressed={theatre} onClick={toggleTheatre}>
            {theatre ? "Smaller" : "Theatre"}
          </button>
        )}
      </div>
    </>
  );
}

interface PlayerProps {
  video: Video;
  startS: number | null;
  handle: React.RefObject<PlayerHandle | null>;
  autoPlay?: boolean;
}

/** The player for a video of this site: its addresses, its tracking, its memory. */
export function Player({ video, startS, handle, autoPlay }: PlayerProps) {
  const { id, title, duration_s, urls } = video;
  const tracking = useMemo(() => trackingOf(id), [id]);
  const captions = useMemo(
    () => (urls.captions ? [{ src: urls.captions, lang: "und", label: "Captions" }] : []),
    [urls.captions],
  );
  const shareUrl = useCallback((positionS: number) => addressOf(id, positionS), [id]);
  return (
    <ViewBoxPlayer
      key={`${id} ${video.revision}`}
      className="watch-player"
      src={urls.hls ?? ""}
      poster={urls.poster}
      storyboard={urls.storyboard}
      chapters={urls.chapters}
      captions={captions}
      title={title}
      durationS={duration_s}
      tracking={tracking}
      startS={startS ?? undefined}
      autoPlay={autoPlay}
      resumeKey={id}
      shareUrl={shareUrl}
      handle={handle}
    />
  );
}

/** `480p is ready, 1080p 42 %`: an encode that goes on behind a video that already plays. */
function RenditionsText({ video }: { video: Video }) {
  const ready = video.renditions.filter(({ progress }) => progress >= 1).map(({ height }) => `${height}p`);
  const coming = video.renditions
    .filter(({ progress }) => progress < 1)
    .map((each) => `${each.height}p ${percent(each.progress)}`);
  return (
    <span role="status">
      {ready.length > 0 && `${ready.join(", ")} ${ready.length === 1 ? "is" : "are"} ready, `}
      {coming.join(", ") || "finishing"}
    </span>
  );
}

/** The page of a video, opened at a whole second. */
function addressOf(id: string, atS: number): string {
  return `${location.origin}/watch/${id}${atS > 0 ? `?t=${atS}` : ""}`;
}

/** Copies the address of this moment; where the clipboard is closed (http), shows it to be copied. */
function Share({ id, handle }: { id: string; handle: React.RefObject<PlayerHandle | null> }) {
  const [link, setLink] = useState<{ url: string; atS: number; copied: boolean } | null>(null);
  const share = useCallback(async () => {
    const atS = Math.floor(handle.current?.positionS ?? 0);
    const url = addressOf(id, atS);
    const copied = await navigator.clipboard?.writeText(url).then(
      () => true,
      () => false,
    );
    setLink({ url, atS, copied: copied === true });
  }, [id, handle]);
  return (
    <>
      <button type="button" onClick={share}>
        Share
      </button>
      {link && (
        <output className="share">
          {link.copied ? `Link at ${clockText(link.atS)} copied` : `Link at ${clockText(link.atS)}`}
          {!link.copied && (
            <input readOnly value={link.url} aria-label="Link" onFocus={(event) => event.target.select()} />
          )}
        </output>
      )}
    </>
  );
}

function UpNext({ id }: { id: string }) {
  const { content } = useLibrary();
  const others = content?.filter((video) => video.id !== id && video.playable).slice(0, 12) ?? [];
  if (others.length === 0) return null;
  return (
    <aside className="next" aria-label="Up next">
      <h2>Up next</h2>
      <ul>
        {others.map((video) => (
          <li key={video.id}>
            <Link href={`/watch/${video.id}`}>
              <span className="card-picture">
                {video.urls.poster ? (
                  <img src={video.urls.poster} alt="" loading="lazy" />
                ) : (
                  <span className="card-blank" />
                )}
                {video.duration_s !== null && <span className="card-duration">{clockText(video.duration_s)}</span>}
              </span>
              <span className="card-title">{video.title}</span>
            </Link>
          </li>
        ))}
      </ul>
    </aside>
  );
}

/** In the player's place until the video is known: blank for a moment, or what keeps it and the way on. */
function Waiting({ error, onRetry }: { error: ApiError | null; onRetry: () => void }) {
  if (!error) return <div className="stage-blank" aria-busy="true" />;
  return (
    <div className="stage-blank" role="alert">
      <h2>{problemOf(error)}</h2>
      <p>The video appears here as soon as it can be had.</p>
      <button type="button" onClick={onRetry}>
        Try now
      </button>
    </div>
  );
}

export function Missing() {
  return (
    <div className="stage-blank">
      <p>There is no such video. It may have been removed.</p>
      <Link href="/" className="button">
        To the library
      </Link>
    </div>
  );
}
