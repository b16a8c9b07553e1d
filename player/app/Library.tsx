import { useEffect, useState } from "react";
import { AddVideo } from "./AddVideo";
import { Header } from "./Header";
import { Unreachable } from "./Unreachable";
import { useLibrary } from "./useVideos";
import { VideoCard } from "./VideoCard";

/** From this many videos on, looking for one by eye takes longer than typing. */
const SEARCH_FROM = 5;

export function Library() {
  const { content: videos, error, reload, more } = useLibrary();
  const [search, setSearch] = useState("");
  useEffect(() => {
    document.title = "ViewBox";
  }, []);
  useEffect(() => {
    if (error?.status === 401) location.assign("/login"); // the session ended; who only watches needs none
  }, [error]);

  const wanted = search.trim().toLowerCase();
  const found = videos?.filter((video) =>
    [video.title, ...video.tags].some((text) => text.toLowerCase().includes(wanted)),
  );
  return (
    <>
      <Header>
        {(videos?.length ?? 0) >= SEARCH_FROM && (
          <input
            type="search"
            className="search"
            placeholder="Search titles and tags"
            aria-label="Search titles and tags"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        )}
      </Header>
      <main className="page">
        <h1 className="hidden">Library</h1>
        {error && <Unreachable error={error} stale={videos !== null} onRetry={reload} />}
        {videos === null && !error && <Loading />}
        {videos?.length === 0 && <Empty onAdded={reload} />}
        {found && videos !== null && videos.length > 0 && (
          <ul className="grid">
            {!wanted && (
              <li className="card card-add">
                <AddVideo onAdded={reload} />
              </li>
            )}
            {found.map((video) => (
              <VideoCard key={video.id} video={video} onChanged={reload} />
            ))}
          </ul>
        )}
        {found?.length === 0 && wanted && (
          <p className="quiet">
            Nothing is called “{search.trim()}”.{" "}
            <button type="button" className="link" onClick={() => setSearch("")}>
              Show everything
            </button>
          </p>
        )}
        {more && !wanted && (
          <p className="quiet">
            <button type="button" onClick={more}>
              Show more
            </button>
          </p>
        )}
      </main>
    </>
  );
}

function Empty({ onAdded }: { onAdded: () => void }) {
  return (
    <section className="empty">
      <h2>Paste a video URL to begin.</h2>
      <AddVideo onAdded={onAdded} first />
      <p className="help">
        Nothing at hand? <code>viewbox sample add</code> brings a sample with an audience.
      </p>
    </section>
  );
}

function Loading() {
  return (
    <ul className="grid" aria-hidden="true">
      {[0, 1, 2, 3].map((index) => (
        <li key={index} className="card">
          <span className="card-picture">
            <span className="card-blank" />
          </span>
          <span className="card-line" />
        </li>
      ))}
    </ul>
  );
}
