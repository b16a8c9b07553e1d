import { useCallback, useEffect, useRef, useState } from "react";
import { AddVideo, addLinks, FileChooser } from "./AddVideo";
import { ContinueRow } from "./ContinueRow";
import { moveBetweenCards } from "./gridKeys";
import { Header } from "./Header";
import { m } from "./i18n";
import { searchFor } from "./router";
import { SearchField } from "./SearchField";
import { Unreachable } from "./Unreachable";
import { dismiss, sendFiles, useSendings } from "./upload/queue";
import { InterruptedCard, SendingCard } from "./upload/SendingCard";
import { useDrops } from "./upload/useDrops";
import { useInterrupted } from "./upload/useInterrupted";
import { useContinue } from "./useContinue";
import { useLibrary } from "./useLibrary";
import { VideoCard } from "./VideoCard";
import { useWeeks } from "./week";

/** From this many videos on, looking for one by eye takes longer than typing. */
const SEARCH_FROM = 5;

export function Library({ search, tag }: { search: string; tag: string | null }) {
  const wanted = search.trim();
  const { content: videos, error, reload, more } = useLibrary({ search: wanted, tag });
  const sendings = useSendings();
  const { interrupted, giveUp } = useInterrupted();
  const begun = useContinue(videos);
  const weeks = useWeeks(videos?.filter(({ playable }) => playable).map(({ id }) => id) ?? []);
  const [linkProblem, setLinkProblem] = useState<string | null>(null);
  const chooser = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "ViewBox";
  }, []);
  useEffect(() => {
    if (error?.status === 401) location.assign("/login"); // the session ended; who only watches needs none
  }, [error]);

  const arrived = sendings.filter(({ stage }) => stage === "done").length;
  useEffect(() => {
    if (arrived > 0) reload();
  }, [arrived, reload]);
  useEffect(() => {
    for (const { id, videoId } of sendings) if (videoId && videos?.some((video) => video.id === videoId)) dismiss(id);
  }, [sendings, videos]); // from here on the video's own card tells how far it is

  const links = useCallback(
    async (pasted: string[]) => {
      setLinkProblem((await addLinks(pasted)).problem);
      reload();
    },
    [reload],
  );
  const over = useDrops({ files: sendFiles, links });

  const narrowed = wanted !== "" || tag !== null;
  const known = useKnown(videos?.length ?? 0, narrowed);
  const empty = videos?.length === 0 && !narrowed && sendings.length === 0 && interrupted.length === 0;
  return (
    <>
      <Header>{(known >= SEARCH_FROM || narrowed) && <SearchField search={search} tag={tag} />}</Header>
      <main className="page" data-over={over}>
        <h1 className="hidden">{m.library}</h1>
        {error && <Unreachable error={error} stale={videos !== null} onRetry={reload} />}
        {linkProblem && (
          <div className="banner" role="alert">
            <p>{linkProblem}</p>
            <button type="button" onClick={() => setLinkProblem(null)}>
              {m.close}
            </button>
          </div>
        )}
        {videos === null && !error && <Loading />}
        {empty && <Empty onAdded={reload} />}
        {!narrowed && begun.length > 0 && <ContinueRow begun={begun} />}
        {videos !== null && !empty && (
          <ul className="grid" onKeyDown={moveBetweenCards}>
            {!narrowed && (
              <li className="card card-add">
                <AddVideo onAdded={reload} />
              </li>
            )}
            {sendings.map((sending) => (
              <SendingCard key={sending.id} sending={sending} />
            ))}
            {interrupted.map((one) => (
              <InterruptedCard
                key={one.key}
                one={one}
                onChoose={() => chooser.current?.click()}
                onGiveUp={() => giveUp(one)}
              />
            ))}
            {videos.map((video) => (
              <VideoCard key={video.id} video={video} week={weeks.get(video.id)} onChanged={reload} />
            ))}
          </ul>
        )}
        {videos?.length === 0 && narrowed && (
          <p className="quiet">
            {tag === null ? m.nothingCalled(wanted) : m.nothingFits}{" "}
            <button type="button" className="link" onClick={() => searchFor("", null)}>
              {m.showEverything}
            </button>
          </p>
        )}
        {more && (
          <p className="quiet">
            <button type="button" onClick={more}>
              {m.showMore}
            </button>
          </p>
        )}
        <FileChooser chooser={chooser} onFiles={sendFiles} />
        {over && <p className="drop-here">{m.dropHere}</p>}
      </main>
    </>
  );
}

/** How many videos there were when nothing was left out: the search does not vanish while it finds little. */
function useKnown(count: number, narrowed: boolean): number {
  const [known, setKnown] = useState(count);
  useEffect(() => {
    if (!narrowed) setKnown(count);
  }, [count, narrowed]);
  return known;
}

function Empty({ onAdded }: { onAdded: () => void }) {
  return (
    <section className="empty">
      <h2>{m.pasteToBegin}</h2>
      <AddVideo onAdded={onAdded} />
      <p className="help">
        {m.nothingAtHand} <code dir="ltr">viewbox sample add</code> {m.sampleBrings}
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
