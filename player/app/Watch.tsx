import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Now } from "../src/live";
import type { PlayerHandle } from "../src/react";
import { AddCaptions } from "./AddCaptions";
import type { ApiError, Video } from "./api";
import { dashboardUrl } from "./dashboard";
import { Header } from "./Header";
import { m, n } from "./i18n";
import { Link } from "./Link";
import { Preparing } from "./Preparing";
import { addressOf, SitePlayer } from "./SitePlayer";
import { problemOf, Unreachable } from "./Unreachable";
import { type AudienceOf, useAudience } from "./useAudience";
import { useFirstPicture } from "./useFirstPicture";
import { EVERYTHING, useLibrary } from "./useLibrary";
import { useLiveVideo } from "./useLiveVideo";
import { isBusy } from "./useVideos";
import { renditionsText } from "./words";

/** As many others as fit beside a video. */
const MOST_OTHERS = 12;

interface WatchProps {
  id: string;
  startS: number | null;
}

export function Watch({ id, startS }: WatchProps) {
  const { content: video, error, reload, live, masterVersion } = useLiveVideo(id);
  const [theatre, setTheatre] = useState(false);
  const library = useLibrary(useFirstPicture() ? EVERYTHING : null).content;
  const others = useOthers(library, id);
  const audience = useAudience(library ? id : null);
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
                <Stage
                  video={video}
                  now={live.now}
                  masterVersion={masterVersion}
                  next={others[0] ?? null}
                  audience={audience}
                  mayChange={library !== null}
                  startS={startS}
                  onChanged={reload}
                  theatre={theatre}
                  onTheatre={setTheatre}
                />
              ) : (
                <Waiting error={error} onRetry={reload} />
              )}
            </>
          )}
        </div>
        {others.length > 0 && <UpNext videos={others} />}
      </main>
    </>
  );
}

interface StageProps {
  video: Video;
  /** Who watches now, and what is watched again; null while nobody said. */
  now: Now | null;
  masterVersion: number | null;
  next: Video | null;
  audience: AudienceOf;
  /** The library is open to this person: so are changes. */
  mayChange: boolean;
  startS: number | null;
  theatre: boolean;
  onTheatre: (on: boolean) => void;
  onChanged: () => void;
}

function Stage(props: StageProps) {
  const { video, now, masterVersion, next, audience, mayChange, startS, theatre, onTheatre, onChanged } = props;
  const handle = useRef<PlayerHandle>(null);
  const dashboard = dashboardUrl(video.id);
  return (
    <>
      {video.playable && video.urls.hls ? (
        <SitePlayer
          video={video}
          masterVersion={masterVersion}
          heat={now?.heat}
          watching={video.metadata.hide_viewers === true ? undefined : now?.viewers_now}
          next={next}
          {...audience}
          theatre={theatre}
          onTheatre={onTheatre}
          autoPlay={goesOn()}
          startS={startS}
          handle={handle}
        />
      ) : (
        <Preparing video={video} onChanged={onChanged} />
      )}
      <h1 className="watch-title">{video.title}</h1>
      <div className="watch-line">
        <p className="watch-state">
          {isBusy(video) && video.playable && <span role="status">{renditionsText(video)}</span>}
          {video.tags.map((tag) => (
            <Link key={tag} href={`/?tag=${encodeURIComponent(tag)}`}>
              {tag}
            </Link>
          ))}
        </p>
        {video.playable && <Share id={video.id} handle={handle} />}
        {dashboard && (video.playable || video.status === "external") && (
          <a className="button" href={dashboard}>
            {m.howWatched}
          </a>
        )}
        {mayChange && video.status !== "external" && <AddCaptions id={video.id} />}
      </div>
    </>
  );
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
        {m.share}
      </button>
      {link && (
        <output className="share">
          {(link.copied ? m.linkCopied : m.linkAt)(n.clock(link.atS))}
          {!link.copied && (
            <input readOnly value={link.url} dir="ltr" aria-label={m.link} onFocus={(event) => event.target.select()} />
          )}
        </output>
      )}
    </>
  );
}

/** What to watch after this: older videos first, then the newest ones. Nothing where the library is not open to all. */
function useOthers(library: Video[] | null, id: string): Video[] {
  return useMemo(() => {
    const videos = library ?? [];
    const here = videos.findIndex((video) => video.id === id);
    const round = [...videos.slice(here + 1), ...videos.slice(0, Math.max(0, here))];
    return round.filter((video) => video.playable && video.urls.hls && video.id !== id).slice(0, MOST_OTHERS);
  }, [library, id]);
}

/** The page was reached by going on from another video: it plays by itself. */
function goesOn(): boolean {
  return new URL(location.href).searchParams.get("autoplay") === "1";
}

function UpNext({ videos }: { videos: Video[] }) {
  return (
    <aside className="next" aria-label={m.upNext}>
      <h2>{m.upNext}</h2>
      <ul>
        {videos.map((video) => (
          <li key={video.id}>
            <Link href={`/watch/${video.id}`}>
              <span className="card-picture">
                {video.urls.poster ? (
                  <img src={video.urls.poster} alt="" loading="lazy" />
                ) : (
                  <span className="card-blank" />
                )}
                {video.duration_s !== null && <span className="card-duration">{n.clock(video.duration_s)}</span>}
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
      <p>{m.appearsHere}</p>
      <button type="button" onClick={onRetry}>
        {m.tryNow}
      </button>
    </div>
  );
}

/** An address that is none of the site's. */
export function Lost() {
  return (
    <>
      <Header />
      <main className="page">
        <Missing />
      </main>
    </>
  );
}

function Missing() {
  return (
    <div className="stage-blank">
      <p>{m.missing}</p>
      <Link href="/" className="button">
        {m.toLibrary}
      </Link>
    </div>
  );
}
